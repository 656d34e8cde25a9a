import { after } from '../timers.js';
import type { PoolWorker } from './pool-worker.js';

/** One time limit for each worker: that of its start, and later that of its leaving. */
export class Deadlines {
  readonly #cancels = new WeakMap<PoolWorker, () => void>();

  /** `late` is called when `ms` have passed. */
  set(worker: PoolWorker, ms: number, late: () => void): void {
    this.clear(worker);
    this.#cancels.set(worker, after(ms, late));
  }

  has(worker: PoolWorker): boolean {
    return this.#cancels.has(worker);
  }

  clear(worker: PoolWorker): void {
    this.#cancels.get(worker)?.();
    this.#cancels.delete(worker);
  }
}
