import { describe, expect, it } from '@jest/globals';
import { Attachments } from '#lib/wire/attachments.js';
import { decode, encode } from '#lib/wire/codec.js';
import { withLists } from '#lib/wire/lists.js';
import type { ChunkMessage, Command, OutcomeRun, Report } from '#lib/wire/messages.js';
import { Special } from '#lib/wire/special.js';
import { range } from '../helpers.js';

const chunk = { first: 1, functionId: 1, attempt: 1, exact: false, timed: false };
const ofMap = (items: readonly unknown[]): ChunkMessage => ({ ...chunk, index: 0, spread: false, items });
const ofCalls = (items: readonly unknown[]): ChunkMessage => ({ ...chunk, index: undefined, spread: true, items });
const ofOnes = (items: readonly unknown[]): ChunkMessage => ({ ...chunk, index: undefined, spread: false, items });
const run = (...chunks: ChunkMessage[]): Command => ({ type: 'run', functions: [], chunks });
const settled = (values: readonly unknown[]): Report => ({
  type: 'settled',
  runs: [{ first: 1, values, errors: [], ms: 1 }],
});

type Items = [object, { in: object }];

/** Items and values of a message as they are written. */
const listsOf = (message: Command | Report): readonly unknown[] => {
  if (message.type === 'run') return message.chunks.map(({ items }) => items);
  return message.type === 'settled' ? message.runs.map(({ values }) => values) : [];
};
const there = (message: Command | Report): readonly unknown[] =>
  listsOf(decode(encode(withLists(message))) as Command | Report);

describe('objects that are alike', () => {
  const people = range(100).map((age) => ({ name: 'somebody', age }));

  it.each([
    ['the items of a map', run(ofMap(people))],
    ['the arguments of calls', run(ofCalls(people.map((one) => [one])))],
    ['outcomes', settled(people)],
    ['calls of one list each, of any length', run(ofOnes(range(100).map((n) => range(n % 5))))],
  ])('travel as a table: %s', (_what, message) => {
    expect(listsOf(withLists(message))).toEqual([expect.any(Special)]);
    expect(there(message)).toStrictEqual(listsOf(message));
  });

  it('take no more than their values', () => {
    expect(encode(withLists(settled(people))).byteLength).toBeLessThan(0.6 * encode(settled(people)).byteLength);
  });
});

describe('what calls share that travel together', () => {
  const shared = { at: new Date(0) };
  const lists = [[shared], [shared], [{ in: [shared] }]];

  it('is a copy for each', () => {
    const [[[first], [second], [third]]] = there(run(ofCalls(lists))) as [[unknown[], unknown[], [{ in: unknown[] }]]];
    expect([first, second, third.in[0]]).toEqual([shared, shared, shared]);
    expect(new Set([first, second, third.in[0]]).size).toBe(3);
  });

  it('is a copy for each that has no other argument', () => {
    const plain = { x: 1 };
    const ones = [plain, plain, { in: [plain] }, null, 1];
    const [[first, second, third, ...rest]] = there(run(ofOnes(ones))) as [[unknown, unknown, { in: unknown[] }]];
    expect([first, second, third.in[0], rest]).toEqual([plain, plain, plain, [null, 1]]);
    expect(new Set([first, second, third.in[0]]).size).toBe(3);
    const [alike] = there(run(ofOnes(range(10).map(() => ones[2])))) as [{ in: unknown[] }[]];
    expect(new Set(alike.map((item) => item.in[0])).size).toBe(10);
  });

  it('is a copy for each, in several chunks too', () => {
    const [[[first]], [[second]]] = there(run(ofCalls([[shared]]), ofCalls([[shared]]))) as [[[object]], [[object]]];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  it('is a copy for each map, and for a call beside one', () => {
    const items = [shared, { in: shared }];
    const arrived = there(run(ofMap(items), ofCalls([[shared]]), ofMap(items))) as [Items, [[object]], Items];
    const [[first, { in: inFirst }], [[call]], [second, { in: inSecond }]] = arrived;
    expect([inFirst, inSecond]).toEqual([first, second]);
    expect([inFirst === first, inSecond === second]).toEqual([true, true]);
    expect(new Set([first, call, second]).size).toBe(3);
  });

  it('is a copy for each, though memory in it stays shared', () => {
    const given = { memory: new SharedArrayBuffer(8), at: new Date(0) };
    const attachments = new Attachments();
    const bytes = encode(withLists(run(ofOnes([given, given]))), attachments);
    const [[first, second]] = listsOf(decode(bytes, attachments.objects) as Command) as [[typeof given, typeof given]];
    expect(first).not.toBe(second);
    expect([first.memory, second.memory]).toEqual([given.memory, given.memory]);
    expect(new Set([first.memory, second.memory, given.memory]).size).toBe(1);
  });

  it('stays one within a call, and for the items of a map', () => {
    const [[[both, again]]] = there(run(ofCalls([[shared, shared], [shared]]))) as [[[object, object], [object]]];
    expect(both).toBe(again);
    const [[one, other]] = there(run(ofMap([shared, shared]))) as [[object, object]];
    expect(one).toBe(other);
    const plain = { in: { x: 1 } };
    const [items] = there(run(ofMap([plain, plain, plain, { in: plain.in }]))) as [(typeof plain)[]];
    expect(items[1]).toBe(items[0]);
    expect(items[3]?.in).toBe(items[0]?.in);
    const [values] = there(settled(range(4).map((n) => ({ n, in: plain.in })))) as [(typeof plain)[]];
    expect(values[3]?.in).toBe(values[0]?.in);
  });
});

describe('what results share that travel together', () => {
  const cached = { at: new Date(0), list: [{ a: 1 }] };
  const outcomes = (separate: boolean, ...values: unknown[]): OutcomeRun => ({
    first: 1,
    values,
    errors: [],
    ms: 1,
    separate,
  });
  const report = (...runs: OutcomeRun[]): Report => ({ type: 'settled', runs });

  it('is a copy for each call', () => {
    const values = [cached, 1, 'text', cached, { in: cached }, undefined];
    const [arrived] = there(report(outcomes(true, ...values))) as [unknown[]];
    expect(arrived).toEqual(values);
    const [first, , , second, third] = arrived as [object, unknown, unknown, object, { in: object }];
    expect(new Set([first, second, third.in]).size).toBe(3);
  });

  it('is a copy for each of several runs, and stays one within that of a map', () => {
    const runs = [outcomes(true, cached), outcomes(false, cached, { in: cached }), outcomes(true, cached)];
    const [[first], [second, third], [fourth]] = there(report(...runs)) as [[object], Items, [object]];
    expect([first, second, fourth]).toEqual([cached, cached, cached]);
    expect(new Set([first, second, fourth]).size).toBe(3);
    expect(third.in).toBe(second);
  });

  it('is told apart in the worker alone', () => {
    const [written] = (withLists(report(outcomes(true, 'text', {}))) as unknown as { runs: [OutcomeRun] }).runs;
    expect(Object.keys(written)).toEqual(['first', 'values', 'errors', 'ms']);
  });
});
