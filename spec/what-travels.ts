import { MessageChannel } from 'node:worker_threads';
import { inspect } from 'node:util';
import { AsyncPool, transfer, WorkerLostError } from 'forkpool';

/** A kind of value, as a row of the table in docs/what-travels.md. */
export interface Row {
  /** As the table names it. */
  readonly value: string;
  make(): unknown;
  /** More of the same kind: the same must come of them. */
  readonly others?: readonly (() => unknown)[];
  /** What else than a copy may arrive: in words, and how to tell. The first that is true counts. */
  readonly arrivals?: Readonly<Record<string, (arrived: never, given: never) => boolean>>;
}

const port = (): unknown => {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return transfer(port1, [port1]);
};

class Point {
  readonly x = 1;
  readonly #y = 2;
  get y(): number {
    return this.#y;
  }
}

class HttpError extends TypeError {
  readonly status = 404;
}

const { Temporal } = globalThis as { Temporal?: { Now: { instant(): object; plainDateISO(): object } } };

const own = (value: object): string[] => Reflect.ownKeys(value).map(String);

/** Each is sent to a task that returns it, within a list: so that a promise is not awaited. */
export const rows: readonly Row[] = [
  { value: '`undefined`, `null`, booleans, strings, bigints', make: () => [undefined, null, true, 'text', 2n ** 70n] },
  { value: 'numbers, `-0`, `NaN` and `Infinity` too', make: () => [1.5, -0, NaN, -Infinity] },
  { value: 'symbols', make: () => Symbol('s') },
  { value: 'plain objects and arrays', make: () => ({ a: [{ b: 1 }, []] }) },
  { value: 'arrays with holes', make: () => Object.assign([], { 0: 1, 2: 3, length: 5 }) },
  { value: 'a part that occurs twice, or leads back', make: circle },
  {
    value: 'objects without a prototype',
    make: () => Object.assign(Object.create(null) as object, { a: 1 }),
    arrivals: { 'a plain object': (arrived) => inspect(arrived) === '{ a: 1 }' },
  },
  {
    value: 'instances of classes',
    make: () => new Point(),
    arrivals: { 'a plain object of its public fields': (arrived) => inspect(arrived) === '{ x: 1 }' },
  },
  {
    value: 'objects with a `toJSON`',
    make: () => Object.create({ toJSON: () => 'json' }, { a: { value: 1, enumerable: true } }) as object,
    arrivals: { 'a plain object: it is not called': (arrived) => inspect(arrived) === '{ a: 1 }' },
  },
  {
    value: 'getters',
    make: () => ({
      get a() {
        return 1;
      },
    }),
    arrivals: { 'their values': (arrived) => inspect(arrived) === '{ a: 1 }' },
  },
  {
    value: 'properties that are hidden, or have a symbol for a name',
    make: () => Object.defineProperty({ a: 1, [Symbol.for('s')]: 2 }, 'hidden', { value: 3 }),
    arrivals: { 'nothing: they are left out': (arrived: object) => own(arrived).join() === 'a' },
  },
  {
    value: 'frozen objects',
    make: () => Object.freeze({ a: 1 }),
    arrivals: { 'a copy that is not frozen': (arrived) => !Object.isFrozen(arrived) },
  },
  { value: '`Map`, `Set`', make: () => [new Map([[{ a: 1 }, new Set([1])]])] },
  { value: '`Date`, boxed primitives', make: () => [new Date(7), Object('text'), Object(1n)] },
  {
    value: '`RegExp`',
    make: () => Object.assign(/a/giu, { lastIndex: 3 }),
    arrivals: {
      'a copy whose `lastIndex` is 0': (arrived: RegExp) => inspect(arrived) === '/a/giu' && arrived.lastIndex === 0,
    },
  },
  { value: '`URL`, `URLSearchParams`', make: () => [new URL('https://example.org/?a=b'), new URLSearchParams('a=b')] },
  { value: '`Buffer`', make: () => Buffer.from('bytes') },
  { value: 'typed arrays, `DataView`, `ArrayBuffer`', make: views },
  {
    value: 'several views of one `ArrayBuffer`',
    make: () => {
      const { buffer } = new Uint8Array([1, 2, 3, 4]);
      return [new Uint8Array(buffer, 1, 2), new Uint8Array(buffer)];
    },
    arrivals: {
      'copies, each with memory of its own': ([one, other]: [Uint8Array, Uint8Array]) =>
        one.buffer !== other.buffer && one.buffer.byteLength === 2,
    },
  },
  {
    value: 'an `ArrayBuffer` named to `transfer`',
    make: () => {
      const { buffer } = new Uint8Array([1, 2, 3]);
      return transfer(buffer, [buffer]);
    },
    arrivals: {
      'it moves: it is gone where it was': (arrived: ArrayBuffer, given: ArrayBuffer) =>
        given.byteLength === 0 && arrived.byteLength === 3,
    },
  },
  {
    value: '`SharedArrayBuffer`, and views of it',
    make: () => new Int32Array(new SharedArrayBuffer(8)),
    others: [() => new SharedArrayBuffer(8)],
    arrivals: { 'the same memory': isSameMemory },
  },
  {
    value: 'a `MessagePort` named to `transfer`',
    make: port,
    arrivals: { 'it moves': (arrived: object) => arrived.constructor.name === 'MessagePort' },
  },
  { value: '`Error`, `TypeError` and the other built-in ones', make: () => [new Error('e'), new URIError('u')] },
  {
    value: 'errors with properties, a `cause`, a name of their own',
    make: () => Object.assign(new RangeError('r', { cause: new Error('c') }), { code: 'E_OWN', name: 'OwnError' }),
  },
  {
    value: '`AggregateError`, `DOMException`',
    make: () => [new AggregateError([new Error('e')]), new DOMException('m', 'AbortError')],
  },
  { value: 'errors of forkpool', make: workerLost },
  {
    value: 'instances of your own error classes',
    make: () => new HttpError('not found'),
    arrivals: {
      'the nearest built-in class, with all properties': (arrived: HttpError) =>
        Object.getPrototypeOf(arrived) === TypeError.prototype && arrived.status === 404,
    },
  },
  {
    value: 'a property of an error that cannot be copied',
    make: () => Object.assign(new Error('e'), { retry: () => {} }),
    arrivals: { 'its text': (arrived: { retry: unknown }) => arrived.retry === '[Function: retry]' },
  },
  { value: 'functions, and objects with methods of their own', make: () => ({ call() {} }), others: [() => () => {}] },
  {
    value: '`Promise`, `WeakMap`, `WeakRef`, generators',
    make: () => Promise.resolve(1),
    others: [() => new WeakMap(), () => new WeakRef({}), () => (function* () {})()],
  },
  {
    value: '`AbortSignal`, `Blob`, `Headers`, `Response` and their like',
    make: () => new Headers(),
    others: [() => AbortSignal.abort(), () => new Blob([]), () => new (class extends Response {})()],
  },
  {
    value: '`Temporal` and `Intl` objects',
    make: () => new Intl.NumberFormat('en'),
    // From Node 26 on.
    others: Temporal === undefined ? [] : [() => Temporal?.Now.instant(), () => Temporal?.Now.plainDateISO()],
  },
  {
    value: 'a pool, and what its `imap` returns',
    make: () => new AsyncPool(1),
    others: [
      () => new (class extends AsyncPool {})(1),
      () => ({ pool: new AsyncPool(1) }),
      () => new AsyncPool(1).imap(isNaN, []),
    ],
  },
  { value: '`Proxy`', make: () => new Proxy({ a: 1 }, {}), others: [() => new Proxy(() => {}, {})] },
];

function circle(): unknown {
  const part = { a: 1 };
  const whole: Record<string, unknown> = { part, again: part };
  whole['self'] = whole;
  return whole;
}

function views(): unknown {
  const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  return [new Float64Array([1, 2]), new Uint8Array([1]), new DataView(buffer.slice(0)), buffer];
}

function workerLost(): unknown {
  const end = { pid: 1, exitCode: null, signal: 'SIGKILL', outOfMemory: false, stderr: [] };
  return new WorkerLostError(end, 1);
}

function isSameMemory(arrived: Int32Array | SharedArrayBuffer, given: Int32Array | SharedArrayBuffer): boolean {
  const [there, here] = [arrived, given].map((memory) => new Int32Array('buffer' in memory ? memory.buffer : memory));
  return here !== undefined && Atomics.store(here, 0, 7) === there?.[0];
}
