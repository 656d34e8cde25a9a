import type { Dispatch, JobListener, Settle } from './job-events.js';

/** How long one took, in ms; of those that travelled together and were answered together, each an equal part. */
export interface TaskTime {
  readonly place: string;
  readonly ms: number;
}

/** So many are kept. */
const SLOWEST = 3;

/** The slowest tasks of the run. Long ones travel alone, and theirs are the times that anybody wants to know. */
export class TaskTimes implements JobListener {
  readonly #placeOf: (nth: number) => string | undefined;
  /** Tasks that were given to a worker together, by the first of them that has no outcome. */
  readonly #flights = new Map<number, { readonly worker: number; readonly at: number; readonly count: number }>();
  /** When each worker last answered: it begins the next task then. */
  readonly #answered = new Map<number, number>();
  #slowest: TaskTime[] = [];

  /** `placeOf`: where the nth item stands in the input. */
  constructor(placeOf: (nth: number) => string | undefined) {
    this.#placeOf = placeOf;
  }

  /** The longest first. */
  get slowest(): readonly TaskTime[] {
    return this.#slowest;
  }

  dispatched({ worker, index, count }: Dispatch): void {
    this.#flights.set(index, { worker, at: performance.now(), count });
  }

  settled({ index, count }: Settle): void {
    const flight = this.#flights.get(index);
    // With `concurrency`, tasks answer out of turn: those are not timed.
    if (flight === undefined) return;
    const now = performance.now();
    const begun = Math.max(flight.at, this.#answered.get(flight.worker) ?? 0);
    this.#answered.set(flight.worker, now);
    this.#flights.delete(index);
    if (flight.count > count) this.#flights.set(index + count, { ...flight, at: now, count: flight.count - count });
    this.#note(index, (now - begun) / count);
  }

  #note(nth: number, ms: number): void {
    const last = this.#slowest.at(-1);
    if (this.#slowest.length === SLOWEST && last !== undefined && last.ms >= ms) return;
    const place = this.#placeOf(nth) ?? '';
    this.#slowest = [...this.#slowest, { place, ms }].toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }
}
