import { describe, expect, it } from '@jest/globals';
import { histogramOf, median, medianTimes, timesOf } from '#lib/compare/statistics.js';
import { range } from '../helpers.js';

const nothing = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };

describe('median', () => {
  it.each([
    ['the middle of three', [3, 1, 2], 2],
    ['between the two in the middle of four', [4, 1, 3, 2], 2.5],
    ['0 of nothing', [], 0],
    ['Infinity of nothing else', [Infinity, Infinity], Infinity],
  ])('is %s', (_title, values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('timesOf', () => {
  it('has the percentiles of the values', () => {
    expect(timesOf(range(101))).toEqual({ count: 101, mean: 50, p50: 50, p90: 90, p99: 99, max: 100 });
  });

  it('is all 0 of nothing', () => {
    expect(timesOf([])).toEqual(nothing);
    expect(medianTimes([])).toEqual(nothing);
  });
});

describe('medianTimes', () => {
  it('adds the counts, and takes the greatest maximum', () => {
    const all = [timesOf([1, 2, 3]), timesOf([2, 3, 4]), timesOf([3, 4, 50])];
    expect(medianTimes(all)).toMatchObject({ count: 9, p50: 3, max: 50 });
  });
});

describe('histogramOf', () => {
  it.each([
    ['times of many magnitudes', [0.001, 0.01, 0.1, 1, 10, 100, 1000]],
    ['times that are nearly the same', [10, 10.1, 10.2]],
    ['one time', [5]],
  ])('has each of %s in the bucket that holds it', (_title, values) => {
    const buckets = histogramOf(values);
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    for (const value of values) expect(buckets.some(({ from, to }) => from <= value && value < to)).toBe(true);
    expect(buckets.length).toBeLessThanOrEqual(60);
  });

  it('has no buckets of nothing', () => {
    expect(histogramOf([])).toEqual([]);
  });
});
