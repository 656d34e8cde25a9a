import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Diagnostics } from '../../index.js';

type Dispatch = Diagnostics['forkpool:tasks:dispatch'];
type Settle = Diagnostics['forkpool:tasks:settle'];

/** How long one took, in ms; of those that travelled together and were answered together, each an equal part. */
export interface TaskTime {
  readonly place: string;
  readonly ms: number;
}

/** So many are kept. */
const SLOWEST = 3;

/**
 * The slowest tasks of the run, by what the pool publishes: one message for tasks that travel together, so it costs little.
 * Long tasks travel alone, and theirs are the times that anybody wants to know.
 */
export class TaskTimes {
  readonly #placeOf: (nth: number) => string | undefined;
  /** Tasks that were given to a worker together, by the first of them that has no outcome. */
  readonly #flights = new Map<number, { readonly worker: number; readonly at: number; readonly count: number }>();
  /** When each worker last answered: it begins the next task then. */
  readonly #answered = new Map<number, number>();
  #slowest: TaskTime[] = [];

  /** `placeOf`: where the nth item stands in the input. */
  constructor(placeOf: (nth: number) => string | undefined) {
    this.#placeOf = placeOf;
    subscribe('forkpool:tasks:dispatch', this.#dispatched);
    subscribe('forkpool:tasks:settle', this.#settled);
  }

  /** The longest first. */
  get slowest(): readonly TaskTime[] {
    return this.#slowest;
  }

  stop(): void {
    unsubscribe('forkpool:tasks:dispatch', this.#dispatched);
    unsubscribe('forkpool:tasks:settle', this.#settled);
  }

  readonly #dispatched = (message: unknown): void => {
    const { worker, index, count } = message as Dispatch;
    this.#flights.set(index, { worker, at: performance.now(), count });
  };

  readonly #settled = (message: unknown): void => {
    const { index, count } = message as Settle;
    const flight = this.#flights.get(index);
    // With `concurrency`, tasks answer out of turn: those are not timed.
    if (flight === undefined) return;
    const now = performance.now();
    const begun = Math.max(flight.at, this.#answered.get(flight.worker) ?? 0);
    this.#answered.set(flight.worker, now);
    this.#flights.delete(index);
    if (flight.count > count) this.#flights.set(index + count, { ...flight, at: now, count: flight.count - count });
    this.#note(index, (now - begun) / count);
  };

  #note(nth: number, ms: number): void {
    const last = this.#slowest.at(-1);
    if (this.#slowest.length === SLOWEST && last !== undefined && last.ms >= ms) return;
    const place = this.#placeOf(nth) ?? '';
    this.#slowest = [...this.#slowest, { place, ms }].toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }
}
