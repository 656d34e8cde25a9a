import { describe, expect, it } from '@jest/globals';
import assert from 'node:assert';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { PoolError, TaskTimeoutError, WorkerLostError } from 'forkpool';
import * as ours from '#lib/errors.js';
import { decode, encode } from '#lib/wire/codec.js';
import { program, run } from '../fixtures/run-program.js';
import { range, thrown } from '../helpers.js';

const back = <T>(value: T): T => decode(encode(value)) as T;

/** The properties that an error has of its own, and shows. */
const ownOf = (error: object): Record<string, unknown> => Object.fromEntries(Object.entries(error));

class HttpError extends TypeError {
  override name = 'HttpError';
  status: number;

  constructor(status: number, options?: ErrorOptions) {
    super(`status ${status}`, options);
    this.status = status;
  }
}

describe('an error', () => {
  it.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    'keeps its class: %p',
    (Class) => {
      const error = new Class('what happened');
      const arrived = back({ error }).error;
      expect(Object.getPrototypeOf(arrived)).toBe(Class.prototype);
      expect(arrived).toMatchObject({ name: Class.name, message: 'what happened', stack: error.stack });
      expect(Object.keys(arrived)).toEqual([]);
    },
  );

  it('of a class of a user’s arrives as the built-in below it, with its name and properties', () => {
    const error = new HttpError(404);
    const arrived = back(error);
    expect(arrived).toBeInstanceOf(TypeError);
    expect(ownOf(arrived)).toEqual({ name: 'HttpError', status: 404 });
    expect([arrived.message, arrived.stack]).toEqual(['status 404', error.stack]);
  });

  it('keeps the properties of Node’s own errors', () => {
    const error = thrown(() => assert.deepEqual({ a: 1 }, { a: 2 }));
    expect(back(error)).toMatchObject({ name: 'AssertionError', code: 'ERR_ASSERTION', actual: { a: 1 } });
    const missing = Object.assign(new Error('ENOENT: no such file'), { errno: -2, code: 'ENOENT', syscall: 'open' });
    expect(ownOf(back(missing))).toEqual({ errno: -2, code: 'ENOENT', syscall: 'open' });
  });

  it('keeps its cause, which is not enumerable, whatever it is', () => {
    for (const cause of [new HttpError(500), 'text', undefined, null, { a: [1] }]) {
      const arrived = back(new Error('outer', { cause }));
      expect(arrived.cause).toEqual(cause);
      expect([Object.hasOwn(arrived, 'cause'), Object.keys(arrived)]).toEqual([true, []]);
    }
    expect(Object.hasOwn(back(new Error('none')), 'cause')).toBe(false);
  });

  it('keeps the errors of an AggregateError', () => {
    const arrived = back(new AggregateError([new HttpError(1), 'two'], 'both'));
    expect(arrived).toBeInstanceOf(AggregateError);
    expect(arrived.message).toBe('both');
    expect(arrived.errors).toEqual([expect.objectContaining({ status: 1 }), 'two']);
    expect(arrived.errors[0]).toBeInstanceOf(TypeError);
  });

  it('keeps what it suppressed, and what by', () => {
    // Older versions of Node have no such class: tools make one.
    const { SuppressedError: Class = Error } = globalThis as { SuppressedError?: SuppressedErrorConstructor };
    const error = Object.setPrototypeOf(new Error('both'), Class.prototype) as Error & { error: unknown };
    Object.defineProperties(error, { error: { value: new HttpError(1) }, suppressed: { value: 'two' } });
    const arrived = back(error);
    expect(arrived).toBeInstanceOf(Class);
    expect(arrived).toMatchObject({ message: 'both', error: { status: 1 }, suppressed: 'two' });
    expect(arrived.error).toBeInstanceOf(TypeError);
    expect(Object.keys(arrived)).toEqual([]);
  });

  it('may lead back to itself', () => {
    const error = new Error('round') as Error & { list: unknown[] };
    error.cause = error;
    error.list = [{ error }];
    const arrived = back(error);
    expect(arrived.cause === arrived).toBe(true);
    expect((arrived.list[0] as { error: unknown }).error === arrived).toBe(true);
    const two = new AggregateError([error], 'two');
    error.cause = two;
    const other = back(two);
    expect((other.errors[0] as Error).cause === other).toBe(true);
  });

  it('that occurs twice is one afterwards', () => {
    const error = new Error('once');
    const [one, two, outer] = back([error, error, new Error('outer', { cause: error })] as const);
    expect([one === two, outer.cause === one]).toEqual([true, true]);
  });

  it('with a long chain of causes, each held twice, takes no time', () => {
    let error: Error = new Error('innermost');
    for (let level = 0; level < 200; level++) {
      error = Object.assign(new Error(`level ${level}`, { cause: error }), { inner: error });
    }
    let depth = 0;
    for (let at = back(error); at.cause !== undefined; at = at.cause as Error) depth++;
    expect(depth).toBe(200);
  });

  it('has the text of a property that cannot be copied', () => {
    const socket = { write() {}, remote: 'host' };
    const error = Object.assign(new Error('no'), { retry: () => {}, mark: Symbol('m'), socket, port: 80 });
    expect(ownOf(back(error))).toEqual({
      retry: inspect(error.retry),
      mark: 'Symbol(m)',
      socket: inspect(socket),
      port: 80,
    });
    expect(back(new Error('no', { cause: () => {} })).cause).toBe('[Function: cause]');
  });

  it('has the text of it wherever it occurs, and never a part of it', () => {
    const request = { method: 'GET', headers: new Headers(), body: 'important' };
    const cause = Object.assign(new Error('inner'), { request });
    const error = Object.assign(new Error('no', { cause }), { request, response: { status: 500, request } });
    const arrived = back(Object.assign(error, { fine: { status: 500 } }));
    expect(ownOf(arrived)).toEqual({
      request: inspect(request, { depth: 1, breakLength: Infinity }),
      response: inspect(error.response, { depth: 1, breakLength: Infinity }),
      fine: { status: 500 },
    });
    expect(ownOf(arrived.cause as Error)).toEqual({ request: ownOf(arrived)['request'] });
  });

  it('takes no time, though many of its kind within each other hold what cannot be copied', () => {
    // Each would be tried three times for the one around it.
    let error = new Error('innermost');
    for (let level = 0; level < 20; level++) {
      const parts = { left: { error, socket: new Headers() }, right: { error, socket: new Headers() } };
      error = Object.assign(new Error(`level ${level}`, { cause: error }), parts);
    }
    expect(ownOf(back(error))['left']).toMatch(/socket: Headers/);
  });

  it('may be one of thousands with a property that cannot be copied', () => {
    const reason = (): Error => Object.assign(new Error('no'), { response: new Response() });
    const failures = range(2010).map(() => ({ status: 'rejected', reason: reason() }));
    expect(back(failures)).toHaveLength(2010);
    expect(ownOf(back(failures)[2009]?.reason as Error)['response']).toMatch(/^Response/);
  });

  it('has words in place of a property whose getter throws', () => {
    const error = Object.defineProperty(new Error('no'), 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('unreadable');
      },
    });
    expect(ownOf(back(error))).toEqual({ bad: '[threw unreadable]' });
    const nameless = Object.defineProperty(new Error('still there'), 'name', {
      get: () => {
        throw new Error('unreadable');
      },
    });
    expect(back(nameless).message).toBe('still there');
  });

  it('may be frozen, without a stack, or with a name and message that are no texts', () => {
    expect(back(Object.freeze(Object.assign(new Error('ice'), { a: 1 })))).toMatchObject({ message: 'ice', a: 1 });
    const bare = new Error('bare');
    delete bare.stack;
    expect(back(bare).stack).toBeUndefined();
    const odd = Object.assign(new Error(), { name: 7, message: { code: 1 } });
    expect(back(odd)).toMatchObject({ name: 7, message: { code: 1 } });
    const nameless = Object.assign(new Error() as object, { name: Object.create(null) as unknown, message: undefined });
    expect(back(nameless).message).toBeUndefined();
  });

  it('keeps the message that its class gives it', () => {
    class Invalid extends Error {
      readonly issues = [{ path: 'a' }];

      override get message(): string {
        return JSON.stringify(this.issues);
      }
    }
    // As a getter, and as what its prototype holds.
    class Gone extends RangeError {}
    Object.assign(Gone.prototype, { message: 'it is gone' });
    expect([back(new Invalid()).message, back(new Gone()).message]).toEqual(['[{"path":"a"}]', 'it is gone']);
    expect(back(new Invalid())).toMatchObject({ issues: [{ path: 'a' }] });
  });

  it('without a message of its own has none afterwards', () => {
    expect(Object.hasOwn(back(new Error()), 'message')).toBe(false);
    expect(back(new Error()).message).toBe('');
  });

  it('of another realm keeps its class', () => {
    const error = vm.runInNewContext('Object.assign(new RangeError("elsewhere"), { a: 1 })') as unknown;
    const arrived = back(error);
    expect(arrived).toBeInstanceOf(RangeError);
    expect(arrived).toMatchObject({ message: 'elsewhere', a: 1 });
  });

  it('made by a function of the old kind keeps its name and properties', () => {
    function OldError(this: Error, message: string): void {
      this.message = message;
    }
    OldError.prototype = Object.create(Error.prototype, { constructor: { value: OldError } });
    OldError.prototype.name = 'OldError';
    const arrived = back(new (OldError as unknown as new (message: string) => Error)('old'));
    expect(arrived).toBeInstanceOf(Error);
    expect([arrived.name, arrived.message]).toEqual(['OldError', 'old']);
  });

  it('has no property __proto__ that changes what it is', () => {
    const error = Object.defineProperty(new Error('no'), '__proto__', { value: { a: 1 }, enumerable: true });
    const arrived = back(error);
    expect(arrived).toBeInstanceOf(Error);
    expect(Object.hasOwn(arrived, '__proto__')).toBe(true);
  });

  it('is not what only looks like one', () => {
    const row = { name: 'n', message: 'm', stack: 's' };
    expect(back([row, new Error('real')])[0]).toEqual(row);
    expect(back(row)).not.toBeInstanceOf(Error);
  });
});

describe('a DOMException', () => {
  it('stays one, as the reason of an abort', () => {
    const { reason } = AbortSignal.abort() as { reason: DOMException };
    const arrived = back(reason);
    expect(arrived).toBeInstanceOf(DOMException);
    expect([arrived.name, arrived.message, arrived.code, arrived.stack]).toEqual([
      'AbortError',
      reason.message,
      20,
      reason.stack,
    ]);
  });
});

describe('an error of this library', () => {
  it('keeps its class and its facts', () => {
    const end = { pid: 4711, exitCode: null, signal: 'SIGKILL', outOfMemory: true, stderr: ['last'], cause: 'c' };
    const arrived = back(new WorkerLostError(end, 3));
    expect(arrived).toBeInstanceOf(WorkerLostError);
    expect(arrived).toBeInstanceOf(PoolError);
    expect(arrived).toEqual(expect.objectContaining({ code: 'ERR_WORKER_LOST', ...end, suspects: 3 }));
    expect(back(new TaskTimeoutError(7))).toBeInstanceOf(TaskTimeoutError);
  });

  it.each(Object.values(ours).filter((Class) => typeof Class === 'function' && Class.prototype instanceof Error))(
    'is known: %p',
    (Class) => {
      const make = Class as unknown as new (...args: unknown[]) => Error;
      expect(back(new make({ stderr: [] }, 'path', 'why'))).toBeInstanceOf(Class);
    },
  );

  it('is not one of another’s that has its name', () => {
    class TimeoutError extends Error {
      override name = 'TimeoutError';
    }
    const arrived = back(new TimeoutError('of p-timeout'));
    expect(arrived).not.toBeInstanceOf(PoolError);
    expect(arrived).toMatchObject({ name: 'TimeoutError', message: 'of p-timeout' });
  });
});

it('an error is what it is where `Error` is frozen', async () => {
  const { code, stdout, stderr } = await run([program('frozen-errors.js')]);
  expect([code, stderr, stdout]).toEqual([0, '', 'TypeError: mine\nTypeError: mine\n2\n']);
});
