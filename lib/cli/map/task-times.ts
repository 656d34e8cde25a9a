import type { Settle } from './job-events.js';

/** How long one took, in ms; of those that were answered together, each an equal part. */
export interface TaskTime {
  readonly place: string;
  readonly ms: number;
}

/** So many are kept. */
const SLOWEST = 3;

/**
 * The slowest tasks of the run that have answered. Those of more than 2 ms, which anybody wants to know, are timed by themselves, save
 * for one among tiny ones: it counts with a few of those.
 */
export class TaskTimes {
  readonly #placeOf: (nth: number) => string | undefined;
  #slowest: TaskTime[] = [];

  /** `placeOf`: where the nth item stands in the input. */
  constructor(placeOf: (nth: number) => string | undefined) {
    this.#placeOf = placeOf;
  }

  /** The longest first. */
  get slowest(): readonly TaskTime[] {
    return this.#slowest;
  }

  settled({ index, count, ms }: Settle): void {
    if (ms !== undefined) this.#note(index, ms / count);
  }

  #note(nth: number, ms: number): void {
    const last = this.#slowest.at(-1);
    if (this.#slowest.length === SLOWEST && last !== undefined && last.ms >= ms) return;
    const place = this.#placeOf(nth) ?? '';
    this.#slowest = [...this.#slowest, { place, ms }].toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }
}
