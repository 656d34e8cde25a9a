import { after } from '../timers.js';
import { now } from '../wire/clock.js';
import type { PoolWorker } from './pool-worker.js';

/** Tells of workers that have had nothing to do for a while. */
export class IdleWatch {
  /** ms; Infinity for never. */
  readonly #idleTimeout: number;
  readonly #onIdle: (worker: PoolWorker) => void;
  /** When those that a timer watches last had nothing to do, by `now()`. */
  readonly #since = new WeakMap<PoolWorker, number>();

  constructor(idleTimeout: number, onIdle: (worker: PoolWorker) => void) {
    this.#idleTimeout = idleTimeout;
    this.#onIdle = onIdle;
  }

  /** The worker may have nothing to do from now on. */
  note(worker: PoolWorker): void {
    if (this.#idleTimeout === Infinity || worker.state.is !== 'ready') return;
    const isWatched = this.#since.has(worker);
    this.#since.set(worker, now());
    if (!isWatched) this.#watch(worker, this.#idleTimeout);
  }

  /** One timer a worker: one for each time that it becomes idle would be one for each task. */
  #watch(worker: PoolWorker, ms: number): void {
    after(ms, () => {
      const since = this.#since.get(worker) ?? 0;
      const rest = since + this.#idleTimeout - now();
      if (worker.state.is === 'ready' && rest > 0) return this.#watch(worker, rest);
      this.#since.delete(worker);
      if (worker.state.is === 'ready') this.#onIdle(worker);
    });
  }
}
