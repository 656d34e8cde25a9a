/**
 * The places of `weights`, dealt so that all `hands` hold about the same weight: the heaviest first, each to whoever holds
 * least.
 */
export function evenly(weights: readonly number[], hands: number): number[][] {
  const shares = Array.from({ length: hands }, () => ({ weight: 0, places: [] as number[] }));
  const heaviestFirst = weights.map((weight, place) => ({ weight, place })).toSorted((a, b) => b.weight - a.weight);
  for (const { weight, place } of heaviestFirst) {
    const lightest = shares.reduce((least, share) => (share.weight < least.weight ? share : least));
    lightest.weight += weight;
    lightest.places.push(place);
  }
  return shares.map(({ places }) => places);
}
