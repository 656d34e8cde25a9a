import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InOrder } from '#lib/cli/map/in-order.js';
import { range } from '../../helpers.js';

describe('InOrder', () => {
  it('hands on each value when those before it have come, and knows how large are those that wait', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(range(12), { minLength: 12 }), (places) => {
        const order = new InOrder<{ place: number; size: number }>();
        const out: number[] = [];
        for (const [at, place] of places.entries()) {
          out.push(...order.add(place, { place, size: place }).map((value) => value.place));
          const waiting = places.slice(0, at + 1).filter((one) => !out.includes(one));
          expect(order.size).toBe(waiting.reduce((sum, one) => sum + one, 0));
          expect(out).toEqual(range(out.length));
        }
        expect(out).toEqual(range(12));
      }),
    );
  });
});
