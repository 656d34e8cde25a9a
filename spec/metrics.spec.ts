import { describe, expect, it } from '@jest/globals';
import { Histogram } from '#lib/metrics.js';

describe('Histogram', () => {
  it('is all zeros while it is empty', () => {
    expect(new Histogram().summary()).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });

  it('counts a value for many tasks at once', () => {
    const histogram = new Histogram();
    histogram.record(2, 999);
    histogram.record(1002);
    const { count, mean, max } = histogram.summary();
    expect({ count, mean, max }).toEqual({ count: 1000, mean: 3, max: 1002 });
  });

  it.each([0.001, 0.05, 1, 17, 5000, 3_600_000])('knows percentiles to within 4.5 %% around %d ms', (ms) => {
    const histogram = new Histogram();
    for (let share = 1; share <= 100; share++) histogram.record((ms * share) / 50);
    const { p50, p90, p99 } = histogram.summary();
    for (const ratio of [p50 / ms, p90 / (1.8 * ms), p99 / (1.98 * ms)])
      expect(Math.abs(ratio - 1)).toBeLessThan(0.045);
  });

  it('never names a percentile above the longest time', () => {
    const histogram = new Histogram();
    histogram.record(1.001);
    expect(histogram.summary().p99).toBeLessThanOrEqual(1.001);
  });

  it('takes times of 0 and of years', () => {
    const histogram = new Histogram();
    histogram.record(0);
    histogram.record(1e12);
    expect(histogram.summary().count).toBe(2);
  });
});
