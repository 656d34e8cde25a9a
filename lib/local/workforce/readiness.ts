import type { PoolWorker } from '../pool-worker.js';

interface Waiter {
  /** Workers that it has seen initialised. */
  readonly counted: Set<PoolWorker>;
  /** How many it waits for. */
  readonly needed: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Those who wait for workers to be initialised. Not for all to be there at one moment: if workers are replaced after every few
 * tasks, one is always on its way.
 */
export class Readiness {
  #waiters: Waiter[] = [];

  /** Resolves when `needed` workers have been initialised. `workers`: those that are already. */
  async wait(workers: Iterable<PoolWorker>, needed: number): Promise<void> {
    const counted = new Set(workers);
    if (counted.size >= needed) return;
    await new Promise<void>((resolve, reject) => this.#waiters.push({ counted, needed, resolve, reject }));
  }

  initialised(worker: PoolWorker): void {
    const waiters = this.#waiters;
    for (const { counted } of waiters) counted.add(worker);
    this.#waiters = waiters.filter(({ counted, needed }) => counted.size < needed);
    for (const { counted, needed, resolve } of waiters) if (counted.size >= needed) resolve();
  }

  /** A worker has ended before it did anything, and does not count. */
  lost(worker: PoolWorker): void {
    for (const { counted } of this.#waiters) counted.delete(worker);
  }

  giveUp(why: () => Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(why());
  }
}
