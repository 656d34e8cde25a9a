import { describe, expect, it } from '@jest/globals';
import { AsTheyCome, InOrder, type Results } from '#lib/jobs/results.js';
import { range } from '../helpers.js';

function takeAll(results: Results): unknown[] {
  const all: unknown[] = [];
  while (results.ready) all.push(results.take());
  return all;
}

/** As tasks with these indices answer. */
function answered(results: Results, ...indices: number[]): Results {
  for (const index of indices) results.add(index, { value: index });
  return results;
}

const values = (...indices: number[]): unknown[] => indices.map((value) => ({ value }));

describe('results in the order of their items', () => {
  it('are ready as far as all before them have come', () => {
    const results = answered(new InOrder(), 1, 0, 3);
    expect(takeAll(results)).toEqual(values(0, 1));
    expect(takeAll(answered(results, 2))).toEqual(values(2, 3));
  });
});

describe('results as they come', () => {
  it('are ready at once', () => {
    const results = answered(new AsTheyCome(), 1, 0);
    expect(takeAll(results)).toEqual(values(1, 0));
    expect(takeAll(answered(results, 3, 2))).toEqual(values(3, 2));
  });
});

describe.each([
  ['InOrder', InOrder],
  ['AsTheyCome', AsTheyCome],
])('%s', (_, Kind) => {
  it('has nothing at first, nor when it was cleared', () => {
    expect(new Kind().ready).toBe(false);
    const results = answered(new Kind(), 0, 1);
    results.clear();
    expect(results.ready).toBe(false);
  });

  it('gives results that failed as well', () => {
    const results = new Kind();
    results.add(0, { error: 'no' });
    expect(results.take()).toEqual({ error: 'no' });
  });

  it('takes no longer for each of many that wait', () => {
    const msOf = (count: number): number => {
      const results = answered(new Kind(), ...range(count));
      const start = performance.now();
      takeAll(results);
      return performance.now() - start;
    };
    msOf(1000);
    // To look for the first among all that have gone takes seconds.
    expect(msOf(100_000)).toBeLessThan(400 * Math.max(1, msOf(1000)));
  });
});
