import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '#lib/wire/codec.js';
import { withLists } from '#lib/wire/lists.js';
import { Numbers } from '#lib/wire/numbers.js';
import type { Report } from '#lib/wire/messages.js';
import { range } from '../helpers.js';

const settled = (values: readonly unknown[]): Report => ({
  type: 'settled',
  runs: [{ first: 1, values, errors: [], ms: 1 }],
});
const valuesOf = (report: Report): readonly unknown[] =>
  report.type === 'settled' ? (report.runs[0]?.values ?? []) : [];

describe('a list of nothing but numbers', () => {
  const odd = [-0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1, ...range(10)];

  it('arrives as the same list', () => {
    const list = valuesOf(decode(encode(withLists(settled(odd)))) as Report);
    expect(Array.isArray(list)).toBe(true);
    expect(list).toStrictEqual(odd);
    expect(Object.is(list[0], -0)).toBe(true);
  });

  it('is packed in outcomes and in tasks, and changes nothing there', () => {
    const report = settled(odd);
    expect(valuesOf(withLists(report))).toBeInstanceOf(Numbers);
    expect(valuesOf(report)).toBe(odd);
    const chunk = { first: 1, functionId: 1, index: 0, attempt: 1, spread: false, exact: false, timed: false };
    const run = { type: 'run', functions: [], chunks: [{ ...chunk, items: odd }] } as const;
    expect(withLists(run).chunks[0]?.items).toBeInstanceOf(Numbers);
  });

  it('takes 8 bytes a number', () => {
    expect(encode(withLists(settled(range(1000).map((n) => n / 3)))).byteLength).toBeLessThan(8200);
  });
});

describe('any other list', () => {
  it.each<[string, unknown[]]>([
    ['with something else in it', [...range(50), 'text']],
    ['with a hole', Object.assign(range(50), { length: 60 })],
    ['that is short', range(10)],
    ['of typed arrays', range(20).map(() => new Float64Array(2))],
  ])('%s stays as it is', (_, list) => {
    expect(valuesOf(withLists(settled(list)))).toBe(list);
    expect(valuesOf(decode(encode(withLists(settled(list)))) as Report)).toEqual(list);
  });
});
