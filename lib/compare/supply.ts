/** Where a supply of items ends. */
export interface Limits {
  /** By `performance.now()`: no item after it. */
  readonly until: number;
  /** At least this many come, however late it is. */
  readonly atLeast: number;
  /** Never more than this. */
  readonly atMost: number;
}

/** Repeats the items for as long as there is time: how many are taken shows how fast the taker is. */
export function* supply<T>(items: readonly T[], { until, atLeast, atMost }: Limits): Generator<T, void> {
  for (let count = 0; count < atMost; count++) {
    if (count >= atLeast && performance.now() >= until) return;
    yield items[count % items.length] as T;
  }
}

/**
 * Indices 0 to `length - 1` in a mixed order that is always the same: a faster pool gets further in the items, and the first of a
 * sorted input are not like the rest.
 */
export function mixedOrder(length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  let state = 42;
  for (let left = length; left > 1; left--) {
    // Numerical Recipes' generator: what is wanted is an order, not chance.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * left);
    [order[left - 1], order[other]] = [order[other] as number, order[left - 1] as number];
  }
  return order;
}
