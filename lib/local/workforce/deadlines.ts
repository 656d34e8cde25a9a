import { afterPoll } from '../../timers.js';
import { now } from '../../wire/clock.js';
import type { PoolWorker } from '../pool-worker.js';

/** A timer that is more than this late was held up by this program's own work; ms. */
const LATE_MS = 50;

/** One time limit for each worker: that of its start, and later that of its leaving. */
export class Deadlines {
  readonly #cancels = new WeakMap<PoolWorker, () => void>();

  /**
   * `late` is called when `ms` have passed. If this program has kept the worker from being heard meanwhile, or has yet to tell it
   * what the limit is for, the time begins anew, once.
   */
  set(worker: PoolWorker, ms: number, late: () => void): void {
    this.#set(worker, ms, (overdue) => (overdue > LATE_MS ? this.#set(worker, ms, late) : late()));
  }

  has(worker: PoolWorker): boolean {
    return this.#cancels.has(worker);
  }

  clear(worker: PoolWorker): void {
    this.#cancels.get(worker)?.();
    this.#cancels.delete(worker);
  }

  #set(worker: PoolWorker, ms: number, late: (overdue: number) => void): void {
    this.clear(worker);
    const due = now() + ms;
    this.#cancels.set(
      worker,
      afterPoll(ms, () => late(now() - due)),
    );
  }
}
