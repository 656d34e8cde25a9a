import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decode, encode } from '#lib/wire/codec.js';
import { rowsOf, tableOf, type Table } from '#lib/wire/table.js';
import { range } from '../helpers.js';

/** Four of it, with another number in each. */
const alike = (make: (n: number) => unknown): unknown[] => range(4).map(make);
const there = (list: readonly unknown[], spread = false): unknown =>
  rowsOf(decode(encode(tableOf(list, true, spread))) as Table);

describe('a table', () => {
  it.each<[string, (n: number) => unknown]>([
    ['small objects', (n) => ({ name: `number ${n}`, age: n })],
    ['objects in objects', (n) => ({ n, at: { x: n, in: { y: -n } }, none: [] })],
    ['lists of different lengths', (n) => ({ n, tags: range(n).map(String) })],
    ['lists of objects', (n) => [{ n }, { m: n }]],
    ['arguments', (n) => [n, 'text']],
    ['no arguments', () => []],
    ['odd values', (n) => [undefined, null, NaN, -0, Infinity, 2n ** 70n, '', '\u0000ü🙂', n === 1]],
    ['odd keys', (n) => ({ 2: n, 1: n, '': n, constructor: n, length: n, 'a b': undefined })],
    ['what differs in kind', (n) => ({ value: [1, 'text', null, undefined][n] })],
  ])('carries %s', (_what, make) => {
    const list = alike(make);
    expect(there(list)).toStrictEqual(list);
    expect(there(list, true)).toStrictEqual(list);
  });

  it('is made of lists of different lengths, where they are not the arguments of calls', () => {
    const list = alike((n) => range(n));
    expect(there(list)).toStrictEqual(list);
    expect(tableOf(list, true, true)).toBeUndefined();
  });

  it('keeps keys in their order', () => {
    const list = alike((n) => ({ b: n, a: n, 2: n, 1: n }));
    expect((there(list) as object[]).map((row) => Object.keys(row))).toEqual(
      list.map((row) => Object.keys(row as object)),
    );
  });

  it('gives each row what it holds, though several held the same', () => {
    const shared = { x: 1 };
    const [first, second] = there(alike((n) => ({ n, shared }))) as { shared: object }[];
    expect(first?.shared).toEqual(second?.shared);
    expect(first?.shared).not.toBe(second?.shared);
  });

  it('is made of rows that may share, where they share nothing', () => {
    const shared = { x: 1 };
    expect(
      tableOf(
        alike((n) => ({ n, own: { n } })),
        false,
      ),
    ).toMatchObject({ rows: 4 });
    expect(
      tableOf(
        alike((n) => ({ n, shared })),
        false,
      ),
    ).toBeUndefined();
    expect(
      tableOf(
        alike(() => shared),
        false,
      ),
    ).toBeUndefined();
    expect(
      tableOf(
        alike(() => ({ a: shared, b: shared })),
        false,
      ),
    ).toBeUndefined();
  });

  it('carries any rows that it takes, as structured clone would', () => {
    const leaf = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constantFrom(null, undefined));
    const key = fc.string().filter((name) => name !== '__proto__' && name !== '0');
    const model = fc.dictionary(key, fc.constantFrom('leaf', 'leaves', 'object'), {
      minKeys: 1,
      maxKeys: 5,
      noNullPrototype: true,
    });
    const rows = model.chain((kinds) =>
      fc.array(
        fc.record(
          Object.fromEntries(
            Object.entries(kinds).map(([name, kind]) => [
              name,
              {
                leaf,
                leaves: fc.array(leaf, { maxLength: 4 }),
                object: fc.record({ in: leaf }, { noNullPrototype: true }),
              }[kind],
            ]),
          ) as Record<string, fc.Arbitrary<unknown>>,
          { noNullPrototype: true },
        ),
        { minLength: 4, maxLength: 8 },
      ),
    );
    fc.assert(fc.property(rows, (list) => expect(there(list)).toStrictEqual(structuredClone(list))));
  });
});

describe('the keys of a row', () => {
  it.each<[string, PropertyDescriptor]>([
    ['frozen', { value: 1, writable: false, configurable: true }],
    ['set by a setter', { set() {}, configurable: true }],
  ])('are its own, where every object has one that is %s', (_what, descriptor) => {
    const list = alike((n) => ({ everywhere: n, n }));
    const table = tableOf(list, true) as Table;
    // oxlint-disable-next-line eslint/no-extend-native -- what a program may do is tried
    Object.defineProperty(Object.prototype, 'everywhere', descriptor);
    try {
      const rows = rowsOf(table).map((row) => Object.entries(row as object));
      expect(rows).toEqual(
        range(4).map((n) => [
          ['everywhere', n],
          ['n', n],
        ]),
      );
    } finally {
      Reflect.deleteProperty(Object.prototype, 'everywhere');
    }
  });
});

describe('no table is made of', () => {
  class Point {
    readonly x = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['circle'] = circle;
  const twice = {};

  it.each<[string, readonly unknown[]]>([
    ['few', range(3).map((n) => ({ n }))],
    ['numbers', range(9)],
    ['texts', ['a', 'b', 'c', 'd']],
    ['other keys', [{ a: 1 }, { a: 1 }, { a: 1 }, { b: 1 }]],
    ['fewer keys', [{ a: 1, b: 1 }, { a: 1, b: 1 }, { a: 1, b: 1 }, { a: 1 }]],
    ['more keys', [{ a: 1 }, { a: 1 }, { a: 1 }, { a: 1, b: 1 }]],
    [
      'keys in another order',
      [
        { a: 1, b: 1 },
        { a: 1, b: 1 },
        { a: 1, b: 1 },
        { b: 1, a: 1 },
      ],
    ],
    ['an object in place of a value', [{ a: 1 }, { a: 1 }, { a: 1 }, { a: {} }]],
    ['a value in place of an object', [{ a: {} }, { a: {} }, { a: {} }, { a: 1 }]],
    ['a list in place of an object', [{ a: {} }, { a: {} }, { a: {} }, { a: [] }]],
    ['a list of another length', [[{}, 1], [{}, 1], [{}, 1], [{}]]],
    ['null', [{ a: 1 }, { a: 1 }, { a: 1 }, null]],
    ['instances of a class', alike(() => new Point())],
    ['an instance among others', [{ x: 1 }, { x: 1 }, { x: 1 }, new Point()]],
    ['objects without a prototype', alike(() => Object.create(null))],
    ['objects with no keys', alike(() => ({}))],
    ['objects with numbers for keys', alike(() => ({ 0: 1 }))],
    [
      'arguments',
      alike((n) =>
        (
          function () {
            return arguments;
          } as (...args: unknown[]) => unknown
        )(n),
      ),
    ],
    ['dates', alike((n) => ({ at: new Date(n) }))],
    ['maps', alike((n) => new Map([[n, n]]))],
    ['views', alike((n) => new Uint8Array(n + 1))],
    ['errors', alike(() => new Error('no'))],
    ['functions', alike(() => ({ f() {} }))],
    ['symbols', alike(() => [Symbol('s')])],
    ['a Proxy', [{ a: 1 }, { a: 1 }, { a: 1 }, new Proxy({ a: 1 }, {})]],
    ['a Proxy of a list', [{ a: [] }, { a: [] }, { a: [] }, { a: new Proxy([], {}) }]],
    ['a circle', alike(() => circle)],
    ['what holds a thing twice', alike(() => ({ a: twice, b: twice }))],
    ['a hole among members', alike(() => Object.assign([{}], { length: 2 }))],
    ['a hole in a list', alike(() => ({ list: Object.assign([1], { length: 2 }) }))],
    ['a list with more than members', alike(() => ({ list: /a/.exec('a') }))],
    ['a long list', alike(() => ({ list: range(65) }))],
    ['many keys', alike(() => Object.fromEntries(range(65).map((n) => [n, n])))],
    ['many objects', alike(() => range(9).map(() => ({})))],
    ['a key that is none', alike(() => JSON.parse('{ "__proto__": 1 }'))],
  ])('%s', (_what, list) => {
    expect(tableOf(list, true)).toBeUndefined();
  });

  it('what a getter refuses', () => {
    const broken = {
      get a(): never {
        throw new Error('unreadable');
      },
    };
    expect(tableOf([{ a: 1 }, { a: 1 }, { a: 1 }, broken], true)).toBeUndefined();
    expect(
      tableOf(
        alike(() => broken),
        true,
      ),
    ).toBeUndefined();
  });

  it('anything, where every object has keys that are not its own', () => {
    // oxlint-disable-next-line eslint/no-extend-native -- what a program may do is tried
    Object.defineProperty(Object.prototype, 'everywhere', { value: 1, enumerable: true, configurable: true });
    try {
      expect(
        tableOf(
          alike((n) => ({ n })),
          true,
        ),
      ).toBeUndefined();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'everywhere');
    }
  });
});
