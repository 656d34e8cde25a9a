/** Numbers that look random and come again with the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of them. */
  of<T>(all: readonly T[]): T {
    return all[this.between(0, all.length - 1)] as T;
  }

  /** True with a probability of `share`. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of them, the heavier the likelier. */
  weighted<T>(all: readonly (readonly [T, number])[]): T {
    let at = this.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [one, weight] of all) if ((at -= weight) < 0) return one;
    return (all.at(-1) as readonly [T, number])[0];
  }
}
