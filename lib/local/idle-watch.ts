import { after } from '../timers.js';
import type { PoolWorker } from './pool-worker.js';

/** Tells of workers that have had nothing to do for a while. */
export class IdleWatch {
  /** ms; Infinity for never. */
  readonly #idleTimeout: number;
  readonly #onIdle: (worker: PoolWorker) => void;
  readonly #watched = new WeakSet<PoolWorker>();

  constructor(idleTimeout: number, onIdle: (worker: PoolWorker) => void) {
    this.#idleTimeout = idleTimeout;
    this.#onIdle = onIdle;
  }

  /** The worker may have nothing to do from now on. */
  note(worker: PoolWorker): void {
    if (this.#idleTimeout === Infinity || worker.state.is !== 'ready') return;
    worker.idleSince = performance.now();
    if (!this.#watched.has(worker)) this.#watch(worker, this.#idleTimeout);
  }

  /** One timer a worker: one for each time that it becomes idle would be one for each task. */
  #watch(worker: PoolWorker, ms: number): void {
    this.#watched.add(worker);
    after(ms, () => {
      this.#watched.delete(worker);
      if (worker.state.is !== 'ready') return;
      const rest = worker.idleSince + this.#idleTimeout - performance.now();
      if (rest > 0) this.#watch(worker, rest);
      else this.#onIdle(worker);
    });
  }
}
