/** Tasks shorter than this share a mark and a message; ms. A mark costs 1 µs, a message about 20 µs on both sides. */
const TINY_MS = 0.02;
/** What a group may hold: if the worker dies, all of these share the blame. */
const MOST_TASKS = 256;
const MOST_MS = 1;

/** How many tasks of each function begin together: one, until its tasks are known to be tiny. */
export class GroupSize {
  readonly #sizes = new Map<number, number>();

  of(functionId: number): number {
    return this.#sizes.get(functionId) ?? 1;
  }

  /** `count` tasks took `ms` together. Grows by doubling, so a first long task after tiny ones costs few their blame. */
  record(functionId: number, count: number, ms: number): void {
    const each = ms / count;
    const size = each >= TINY_MS ? 1 : Math.min(this.of(functionId) * 2, MOST_TASKS, Math.floor(MOST_MS / each));
    this.#sizes.set(functionId, Math.max(1, size));
  }
}
