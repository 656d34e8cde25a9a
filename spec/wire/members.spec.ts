import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '#lib/wire/codec.js';
import { withLists } from '#lib/wire/lists.js';
import { entriesOf, valuesOf } from '#lib/wire/members.js';
import type { ChunkMessage, Command } from '#lib/wire/messages.js';
import { noteMoves, movesOf } from '#lib/wire/moves.js';
import { whyNotCloneable } from '#lib/wire/why-not-cloneable.js';

const back = <T>(value: T): T => decode(encode(value)) as T;

/** With one member, far behind. */
const sparse = (member: unknown): unknown[] => {
  const list: unknown[] = [];
  list[200_000_000] = member;
  return list;
};

const calls = (...items: unknown[]): Command => {
  const chunk = { first: 1, functionId: 1, index: undefined, attempt: 1, exact: false, timed: false } as const;
  return { type: 'run', functions: [], chunks: [{ ...chunk, spread: false, items }] };
};

const itemsOf = (command: Command): ChunkMessage['items'] =>
  (back<unknown>(withLists(command)) as { chunks: [ChunkMessage] }).chunks[0].items;

describe('a list of little more than holes', () => {
  // Each of the facts took 4 seconds or more when every hole was visited.
  const inNoTime = <T>(act: () => T): T => {
    const start = performance.now();
    const result = act();
    expect(performance.now() - start).toBeLessThan(500);
    return result;
  };

  it.each<[string, unknown]>([
    ['a number', 1],
    ['a plain object', { a: [1] }],
    ['what the serializer would lose', new URL('https://example.org')],
  ])('is copied in no time, with %s in it', (_, member) => {
    const arrived = inNoTime(() => back(sparse(member)));
    expect([arrived.length, Object.entries(arrived)]).toEqual([200_000_001, [['200000000', member]]]);
  });

  it('is copied for each call in no time', () => {
    const [list, plain] = [sparse({ a: 1 }), { list: sparse(1) }];
    const items = inNoTime(() => itemsOf(calls(list, list, plain, plain)));
    expect(new Set(items).size).toBe(4);
    expect(Object.values(items[1] as unknown[])).toEqual([{ a: 1 }]);
  });

  it('is searched in no time for what moves, and for what cannot be copied', () => {
    const { buffer } = new Uint8Array(1);
    const mover = {};
    noteMoves(mover, [buffer]);
    expect([...inNoTime(() => movesOf([sparse([sparse(mover)])]))]).toEqual([buffer]);
    expect(
      inNoTime(() =>
        whyNotCloneable(
          sparse(() => 1),
          'a',
        ),
      )?.path,
    ).toBe('a[200000000]');
  });

  it('is looked at as a whole, on both sides of a hole', () => {
    const url = new URL('https://example.org');
    const members = [{ 0: {}, 2: {}, 3: url }, { 0: url, 2: {} }, { 3: Object.assign([], { 1: url }) }];
    for (const list of members.map((some) => Object.assign([], some))) expect(back(list)).toEqual(list);
    const circle: unknown[] = [{ a: 1 }];
    circle[2] = [circle];
    const arrived = back(circle) as [object, undefined, unknown[]];
    expect(arrived[2][0]).toBe(arrived);
  });
});

describe('what has an iterator of its own class', () => {
  class List extends Array<unknown> {
    override *[Symbol.iterator](): Generator<never> {}
  }
  class Registry extends Map<unknown, unknown> {
    override *[Symbol.iterator](): Generator<never> {}
    override *keys(): Generator<never> {}
    override *values(): Generator<never> {}
  }
  class Group extends Set<unknown> {
    override *[Symbol.iterator](): Generator<never> {}
  }
  const url = new URL('https://example.org');
  const values = [Object.assign(new List(), { 0: url }), new Registry([['key', url]]), new Group([url])];

  it('arrives with what is really in it', () => {
    expect(back(values)).toEqual([[url], new Map([['key', url]]), new Set([url])]);
    expect([...entriesOf(values[1] as Registry), ...valuesOf(values[2] as Group)]).toEqual([['key', url], url]);
  });

  it('is searched for what moves, for what calls share, and for what cannot be copied', () => {
    const { buffer } = new Uint8Array(1);
    noteMoves(url, [buffer]);
    for (const value of values) expect([...movesOf([value])]).toEqual([buffer]);
    const set = new Set([1]);
    const [first, second] = itemsOf(calls(new Registry([[1, set]]), [set])) as [Map<number, unknown>, unknown[]];
    expect(first.get(1)).toEqual(second[0]);
    expect(first.get(1)).not.toBe(second[0]);
    const bad = [new Registry([['key', () => 1]]), new Group([Symbol('s')])];
    expect(bad.map((value) => whyNotCloneable(value, 'a')?.path)).toEqual(["a.get('key')", 'a.member(Symbol(s))']);
  });
});
