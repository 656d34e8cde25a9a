import type { Settle } from './job-events.js';

/** How long a task took, in ms; tasks answered together count an equal part each. */
export interface TaskTime {
  readonly place: string;
  readonly ms: number;
}

/** How many are kept. */
const SLOWEST = 3;

/**
 * The slowest tasks of the run that have answered. Tasks of more than 2 ms, which matter most, are timed by themselves, except
 * for one among tiny ones, which counts with a few of those.
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
