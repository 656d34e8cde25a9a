import { describe, expect, it } from '@jest/globals';
import { mixedOrder, supply } from '#lib/compare/supply.js';
import { range } from '../helpers.js';

describe('supply', () => {
  const late = { until: -1, atMost: 100 };

  it('gives as many items as it must, in a circle, when the time is up', () => {
    expect([...supply(['a', 'b', 'c'], { ...late, atLeast: 5 })]).toEqual(['a', 'b', 'c', 'a', 'b']);
  });

  it('gives no more than it may while there is time', () => {
    expect([...supply([1], { until: Infinity, atLeast: 0, atMost: 4 })]).toEqual([1, 1, 1, 1]);
  });
});

describe('mixedOrder', () => {
  it('has every index once', () => {
    expect(mixedOrder(500).toSorted((a, b) => a - b)).toEqual(range(500));
  });

  it('is the same each time, and not the order of the input', () => {
    expect(mixedOrder(100)).toEqual(mixedOrder(100));
    expect(mixedOrder(100)).not.toEqual(range(100));
  });

  it('has in its first half about as many of the first items as of the last', () => {
    const early = mixedOrder(1000).slice(0, 500);
    const low = early.filter((index) => index < 500).length;
    expect(low).toBeGreaterThan(200);
    expect(low).toBeLessThan(300);
  });
});
