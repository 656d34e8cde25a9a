import { describe, expect, it } from '@jest/globals';
import { AsyncResource } from 'node:async_hooks';
import { createECDH, createSecretKey } from 'node:crypto';
import { opendirSync, type Dir } from 'node:fs';
import { SourceMap } from 'node:module';
import { BlockList } from 'node:net';
import { MIMEType } from 'node:util';
import * as fc from 'fast-check';
import { decode, encode } from '#lib/wire/codec.js';
import { cloneable, isCloneOf } from '../fixtures/fake-values.js';
import { range, thrown } from '../helpers.js';

const back = <T>(value: T): T => decode(encode(value)) as T;

describe('encode and decode', () => {
  it('carry any value that structured clone does, as it does', () => {
    fc.assert(
      fc.property(cloneable, (value) => {
        expect(isCloneOf(back(value), value)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('carry any such value beside one that needs special care, unchanged', () => {
    fc.assert(
      fc.property(cloneable, (value) => {
        const [url, arrived] = back([new URL('https://example.org'), value]);
        expect(url).toBeInstanceOf(URL);
        expect(isCloneOf(arrived, value)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([undefined, null, true, -0, NaN, Infinity, 2n ** 80n, '', 'text \u{1f600} \ud800'])('carry %p', (value) => {
    expect(Object.is(back(value), value)).toBe(true);
  });

  it('keep circles and shared parts', () => {
    const shared = { shared: true };
    const circle = { one: shared, other: [shared], map: new Map([[shared, shared]]), self: {}, extra: {} };
    circle.self = circle;
    for (const extra of [{}, new URL('https://example.org'), new Error('e')]) {
      circle.extra = extra;
      const { self, one, other, map } = back(circle);
      expect([(self as typeof circle).one === one, other[0] === one, map.get(one) === one]).toEqual([true, true, true]);
    }
  });

  it('keep the holes of a list, and what else it has', () => {
    // oxlint-disable-next-line no-sparse-arrays -- the holes are the point
    const list = Object.assign([1, , new URL('https://example.org'), ,], { extra: 'yes' });
    const arrived = back(list);
    expect([arrived.length, 1 in arrived, 3 in arrived, arrived.extra]).toEqual([4, false, false, 'yes']);
  });

  it('keep a key of the name __proto__ a key', () => {
    const value = JSON.parse('{ "__proto__": { "polluted": true } }') as object;
    for (const extra of [value, { value, url: new URL('https://example.org') }.value]) {
      const arrived = back([extra, new URL('https://example.org')])[0] as object;
      expect(Object.hasOwn(arrived, '__proto__')).toBe(true);
      expect('polluted' in arrived).toBe(false);
      expect(Object.hasOwn(back(extra), '__proto__')).toBe(true);
    }
  });

  it('make plain objects of those without a prototype, and of instances of classes', () => {
    class Point {
      x = 1;
      #y = 2;
      get y(): number {
        return this.#y;
      }
    }
    const bare = Object.assign(Object.create(null) as object, { x: 1 });
    for (const value of [bare, new Point(), [new Point(), new URL('https://example.org')][0]]) {
      const arrived = back(value) as object;
      expect([Object.getPrototypeOf(Object.getPrototypeOf(arrived)), { ...arrived }]).toEqual([null, { x: 1 }]);
    }
  });

  it('carry instances of a class whose tag only an instance can tell', () => {
    class Money {
      readonly #currency = 'EUR';
      amount = 5;
      get [Symbol.toStringTag](): string {
        return this.#currency;
      }
    }
    expect(back(new Money())).toEqual({ amount: 5 });
    expect(back([new Money(), new URL('https://example.org')])[0]).toEqual({ amount: 5 });
  });

  it('ask nothing for its toJSON', () => {
    const value = { secret: 1, when: new Date(7) };
    const arrived = back({ ...value, url: new URL('https://example.org') });
    expect(arrived.when).toEqual(new Date(7));
    const withToJson = Object.create({ toJSON: () => 'json' }, { secret: { value: 1, enumerable: true } }) as object;
    expect(back(withToJson)).toEqual({ secret: 1 });
  });

  it('carry what needs special care in any object that is one by its members alone', () => {
    class Tagged {
      readonly [Symbol.toStringTag] = 'Tagged';
      url = new URL('https://example.org');
    }
    const error = Object.assign(new TypeError('t'), { code: 'E' });
    const [module, tagged] = back([{ [Symbol.toStringTag]: 'Module', error }, new Tagged()] as const);
    expect(module.error).toMatchObject({ message: 't', code: 'E' });
    expect(tagged.url).toEqual(new URL('https://example.org'));
  });

  it('carry URLs and search parameters, wherever they are', () => {
    const url = new URL('https://user:pass@example.org:8080/a b?c=d#e');
    const params = new URLSearchParams('a=1&a=2&b=%20');
    const value = { url, list: [url, params], map: new Map([[url, params]]), set: new Set([params]) };
    const arrived = back(value);
    expect(arrived.url).toBeInstanceOf(URL);
    expect(arrived.url.href).toBe(url.href);
    expect(arrived.list[0] === arrived.url).toBe(true);
    expect(arrived.list[1]).toBeInstanceOf(URLSearchParams);
    expect([...arrived.map].map(([key, member]) => [key.href, String(member)])).toEqual([[url.href, String(params)]]);
    expect([...arrived.set].map(String)).toEqual([String(params)]);
    arrived.url.searchParams.set('c', 'x');
    expect(arrived.url.search).toBe('?c=x');
  });
});

describe('views', () => {
  interface ViewClass {
    new (memory: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView;
    readonly name: string;
    readonly BYTES_PER_ELEMENT?: number;
  }
  const half = (globalThis as { Float16Array?: ViewClass }).Float16Array;
  const classes: ViewClass[] = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
    ...(half === undefined ? [] : [half]),
  ];

  it.each(classes.map((View) => [View.name, View] as const))('arrive: %s, with memory of its own', (name, View) => {
    const memory = new ArrayBuffer(64);
    new Uint8Array(memory).set(range(64));
    const view = new View(memory, 16, 16 / (View.BYTES_PER_ELEMENT ?? 1));
    const arrived = back(view);
    expect([arrived.constructor.name, arrived.byteOffset, arrived.byteLength]).toEqual([name, 0, 16]);
    expect(arrived.buffer.byteLength).toBe(16);
    expect([...new Uint8Array(arrived.buffer)]).toEqual(range(16).map((n) => n + 16));
  });

  it('of a class of a user’s arrive as what they are, whatever that calls itself', () => {
    class Pixels extends Uint8ClampedArray {
      override get [Symbol.toStringTag](): 'Uint8ClampedArray' {
        return 'Pixels' as 'Uint8ClampedArray';
      }
    }
    expect(back([new Pixels([1, 300])])).toEqual([new Uint8ClampedArray([1, 255])]);
  });

  it('that are Buffers stay Buffers', () => {
    const arrived = back({ list: [Buffer.from('abc'), Buffer.alloc(0)] });
    expect(arrived.list.map((buffer) => Buffer.isBuffer(buffer))).toEqual([true, true]);
    expect(arrived.list.map(String)).toEqual(['abc', '']);
    expect(arrived.list[0]?.buffer.byteLength).toBe(3);
  });

  it('of memory that was moved away are refused, and do not arrive empty', () => {
    const view = new Uint8Array(8);
    structuredClone(view, { transfer: [view.buffer] });
    expect(thrown(() => encode([view]))).toMatchObject({
      name: 'TypeError',
      message: 'its memory was moved elsewhere before',
    });
    expect(back(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it('of shared memory are refused where there is nobody to share it with', () => {
    expect(thrown(() => encode({ view: new Int32Array(new SharedArrayBuffer(8)) }))).toMatchObject({
      message: 'this Int32Array is backed by a SharedArrayBuffer, which cannot be shared with another process',
    });
    expect(thrown(() => encode([new SharedArrayBuffer(8)]))).toMatchObject({
      message: expect.stringContaining('could not be cloned'),
    });
  });

  it('that are larger than a message may be are refused at once', () => {
    expect(thrown(() => encode(new Uint8Array(2 ** 31)))).toMatchObject({
      message: 'this Uint8Array is larger than 2 GiB',
    });
  });
});

describe('what cannot be copied', () => {
  const closed = (folder: Dir): Dir => {
    folder.closeSync();
    return folder;
  };
  const MAP = { version: 3, file: '', sources: [], sourcesContent: [], names: [], mappings: '', sourceRoot: '' };
  const port = (): unknown => {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    return port1;
  };
  it.each([
    ['a function', () => {}, /could not be cloned/],
    ['a symbol', Symbol('s'), /could not be cloned/],
    ['a Promise', Promise.resolve(), /Promise objects cannot be copied/],
    ['a WeakMap', new WeakMap(), /WeakMap objects cannot be copied/],
    ['an AbortSignal', AbortSignal.abort(), /AbortSignal objects cannot be copied/],
    ['a MessagePort', port(), /MessagePort objects cannot be copied/],
    ['Headers', new Headers(), /Headers objects cannot be copied/],
    ['what inherits from Headers', new (class Tagged extends Headers {})(), /Headers objects cannot be copied/],
    ['what inherits from FormData', new (class Form extends FormData {})(), /FormData objects cannot be copied/],
    ['a MIME type', new MIMEType('text/plain'), /MIMEType objects cannot be copied/],
    ['a BlockList', new BlockList(), /BlockList objects cannot be copied/],
    ['an AsyncResource', new AsyncResource('spec'), /AsyncResource objects cannot be copied/],
    ['a folder that is open', closed(opendirSync('.')), /Dir objects cannot be copied/],
    ['a key exchange', createECDH('secp256k1'), /ECDH objects cannot be copied/],
    ['a source map', new SourceMap(MAP), /SourceMap objects cannot be copied/],
    ['a key', createSecretKey(Buffer.from('key')), /a SecretKeyObject cannot be copied/],
    ['a generator', (function* () {})(), /could not be cloned|Iterator objects cannot be copied/],
    ['a number format', new Intl.NumberFormat('en'), /could not be cloned/],
    ['a Proxy', new Proxy({}, {}), /could not be cloned/],
  ])('is refused, and does not arrive as an empty object: %s', (_, value, message) => {
    expect(thrown(() => encode({ value }))).toMatchObject({ message: expect.stringMatching(message) });
    expect(thrown(() => encode([new URL('https://example.org'), value]))).toMatchObject({
      message: expect.stringMatching(message),
    });
  });

  it('is not a class of a user’s, though that is a global', () => {
    class Config {
      port = 80;
    }
    Object.assign(globalThis, { Config });
    expect(back([new Config()])).toEqual([{ port: 80 }]);
    Reflect.deleteProperty(globalThis, 'Config');
  });

  it('is not a class of a user’s that was made global as those of the platform are', () => {
    class Vector {
      x = 1;
    }
    Object.defineProperty(globalThis, 'Vector', { value: Vector, configurable: true });
    class Point extends Vector {
      y = 2;
    }
    expect(back([new Vector(), new Point()])).toEqual([{ x: 1 }, { x: 1, y: 2 }]);
    Reflect.deleteProperty(globalThis, 'Vector');
  });

  it.each<[string, (own: new () => object) => object]>([
    ['a Proxy of its class', (own) => new Proxy(own, {})],
    ['its class, bound', (own) => own.bind(undefined)],
  ])('is not an object whose constructor is %s', (_, replaced) => {
    class Page {
      url = new URL('https://example.org');
    }
    class Tagged extends Page {
      get [Symbol.toStringTag](): string {
        return 'Page';
      }
    }
    for (const Own of [Page, Tagged]) {
      Object.assign(Own.prototype, { constructor: replaced(Own) });
      expect(back(new Own())).toEqual({ url: new URL('https://example.org') });
    }
  });

  it.each<[string, PropertyDescriptor]>([
    ['undefined', { value: undefined }],
    ['null', { value: null }],
    [
      'a getter that throws',
      {
        get(): never {
          throw new Error('no constructor');
        },
      },
    ],
  ])('is not an object over a prototype whose constructor is %s', (_, descriptor) => {
    const prototype = Object.create(null, { constructor: descriptor }) as object;
    const value: object = Object.assign(Object.create(prototype), { url: new URL('https://example.org') });
    expect(back({ value })).toEqual({ value: { url: new URL('https://example.org') } });
  });

  it('is refused with what its getter threw', () => {
    const value = {
      get broken(): never {
        throw new RangeError('no value');
      },
    };
    expect(thrown(() => encode(value))).toMatchObject({ message: 'no value' });
  });
});

describe('large values', () => {
  const nested = (levels: number, innermost: unknown): unknown => {
    let value = innermost;
    for (let level = 0; level < levels; level++) value = { level, value };
    return value;
  };
  const timeOf = (value: unknown): number => {
    const start = performance.now();
    back(value);
    return performance.now() - start;
  };

  it('may be a thousand levels deep', () => {
    const deep = (value: unknown): unknown => {
      let at = back(value) as { level: number; value: unknown };
      while (at.level > 0) at = at.value as typeof at;
      return at.value;
    };
    expect(deep(nested(1000, 'here'))).toBe('here');
    expect(deep(nested(1000, new URL('https://example.org')))).toBeInstanceOf(URL);
  });

  it.each<[string, (n: number) => unknown]>([
    ['plain objects', (n) => ({ n, list: [{ n }] })],
    ['URLs', (n) => new URL(`https://example.org/${n}`)],
    ['errors', (n) => new Error(String(n), { cause: { n } })],
    ['views', (n) => new Uint8Array([n])],
  ])('take time in proportion to their length: a list of %s', (_, make) => {
    const [short, long] = [500, 10_000];
    // Other programs may have the core meanwhile.
    const least = (length: number): number => Math.min(...range(3).map(() => timeOf(range(length).map(make))));
    timeOf(range(short).map(make));
    // Squared it would be 400 times as long; collections of garbage take theirs.
    expect(least(long)).toBeLessThan(100 * Math.max(least(short), 2));
  });

  it('may be strings of many megabytes', () => {
    const text = 'ä\u{1f600}x'.repeat(4_000_000);
    expect(back(text) === text).toBe(true);
  });
});
