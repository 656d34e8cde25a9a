import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Ranges } from '#lib/cli/map/ranges.js';

describe('Ranges', () => {
  it('keeps indices that were added in any order as runs', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40)), (indices) => {
        const ranges = new Ranges();
        for (const index of indices) ranges.add(index);
        const runs = ranges.runs;
        const all = runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at));
        expect(all).toEqual(indices.toSorted((a, b) => a - b));
        expect(ranges.size).toBe(indices.length);
        // No two runs touch.
        runs.slice(1).forEach(([from], at) => expect(from).toBeGreaterThan(runs[at]?.[1] ?? Infinity));
      }),
    );
  });
});
