/**
 * A set of indices, kept as runs: what is done of a long input is a few runs with the items in flight between them, so it
 * stays small whatever the order in which they finish.
 */
export class Ranges {
  /** The end of each run, by its start, and the start by the end; an end is one past the last index. */
  readonly #ends = new Map<number, number>();
  readonly #starts = new Map<number, number>();

  constructor(runs: Iterable<readonly [from: number, to: number]> = []) {
    for (const [from, to] of runs) this.#set(from, to);
  }

  /** The index must not be there yet. */
  add(index: number): void {
    const from = this.#starts.get(index) ?? index;
    const to = this.#ends.get(index + 1) ?? index + 1;
    this.#starts.delete(index);
    this.#ends.delete(index + 1);
    this.#set(from, to);
  }

  /** In rising order. */
  get runs(): readonly (readonly [from: number, to: number])[] {
    return [...this.#ends].toSorted(([a], [b]) => a - b);
  }

  get size(): number {
    return this.runs.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  #set(from: number, to: number): void {
    this.#ends.set(from, to);
    this.#starts.set(to, from);
  }
}
