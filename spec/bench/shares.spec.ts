import { describe, expect, it } from '@jest/globals';
import { evenly } from '#bench/contenders/shares.js';
import { range } from '../helpers.js';

describe('evenly', () => {
  const weightOf = (places: readonly number[], weights: readonly number[]): number =>
    places.reduce((sum, place) => sum + (weights[place] ?? 0), 0);

  it.each([
    ['one that is as much as all others', [1, 1, 1, 3]],
    ['equal weights', range(10).map(() => 5)],
    ['heavy ones at the end', range(100).map((i) => (i >= 96 ? 1000 : 1))],
    ['heavy ones at the start', range(100).map((i) => (i < 4 ? 1000 : 1))],
  ])('gives everyone the same of %s', (_title, weights) => {
    const [one = [], two = []] = evenly(weights, 2);
    expect(weightOf(one, weights)).toBe(weightOf(two, weights));
    expect([...one, ...two].toSorted((a, b) => a - b)).toEqual(range(weights.length));
  });
});
