/** Middle, least and greatest of some figures. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const ascending = values.toSorted((a, b) => a - b);
  return { median: percentile(ascending, 50), min: percentile(ascending, 0), max: percentile(ascending, 100) };
}

/** Interpolates between the two nearest values if none stands at the place itself. */
export function percentile(ascending: readonly number[], percent: number): number {
  const place = ((ascending.length - 1) * percent) / 100;
  const below = ascending[Math.floor(place)];
  const above = ascending[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('No percentile of nothing');
  return below + (above - below) * (place - Math.floor(place));
}
