import type { Bucket, Times } from './comparison.js';

export function median(values: readonly number[]): number {
  return values.length === 0 ? 0 : percentile(ascending(values), 0.5);
}

/** All 0 for no values, as in the statistics of a pool. */
export function timesOf(values: readonly number[]): Times {
  const sorted = ascending(values);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    count: values.length,
    mean: values.length === 0 ? 0 : sum / values.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  };
}

/** Merges several distributions of one thing: medians, except for the count and the greatest value. */
export function medianTimes(all: readonly Times[]): Times {
  const middle = (name: keyof Times): number => median(all.map((times) => times[name]));
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    mean: middle('mean'),
    p50: middle('p50'),
    p90: middle('p90'),
    p99: middle('p99'),
    max: Math.max(0, ...all.map(({ max }) => max)),
  };
}

const BUCKETS = 24;

/** Times that differ by orders of magnitude need buckets that grow: each is a constant factor wider than the one before. */
export function histogramOf(values: readonly number[]): Bucket[] {
  const sorted = ascending(values.filter((value) => value > 0));
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  const spread = Math.log2(most / least);
  const perOctave = Math.max(2, Math.min(64, Math.floor(BUCKETS / spread)));
  const placeOf = (value: number): number => Math.floor(Math.log2(value) * perOctave);
  const counts = new Map<number, number>();
  for (const value of sorted) counts.set(placeOf(value), (counts.get(placeOf(value)) ?? 0) + 1);
  return [...counts].map(([place, count]) => ({
    from: 2 ** (place / perOctave),
    to: 2 ** ((place + 1) / perOctave),
    count,
  }));
}

/** Interpolates between the two nearest values if none stands at the place itself; 0 for no values. */
function percentile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  if (below === above) return below;
  return below + (above - below) * (place - Math.floor(place));
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
