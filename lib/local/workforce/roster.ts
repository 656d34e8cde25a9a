import type { WorkerState } from '../lifecycle.js';
import type { PoolWorker } from '../pool-worker.js';

/** The workers, and how many of them are in which state. */
export class Roster {
  /** Replaced, never mutated, so that a loop over it misses none. */
  workers: readonly PoolWorker[] = [];
  /** ms that workers now gone were busy. */
  #goneBusyMs = 0;

  add(worker: PoolWorker): void {
    this.workers = [...this.workers, worker];
  }

  remove(worker: PoolWorker): void {
    this.workers = this.workers.filter((other) => other !== worker);
    this.#goneBusyMs += worker.busyMs;
  }

  count(state: WorkerState['is']): number {
    let count = 0;
    for (const worker of this.workers) if (worker.state.is === state) count++;
    return count;
  }

  /** How many are on their way to be ready. */
  get starting(): number {
    let starting = 0;
    for (const worker of this.workers) if (worker.starting) starting++;
    return starting;
  }

  /** How many are to be replaced. */
  get leaving(): number {
    let leaving = 0;
    for (const worker of this.workers) if (worker.leaving) leaving++;
    return leaving;
  }

  /** How many hold tasks, those on their way out included. */
  get working(): number {
    let working = 0;
    for (const worker of this.workers) if (worker.load > 0) working++;
    return working;
  }

  /** Those that are there to be given tasks. */
  get serving(): readonly PoolWorker[] {
    return this.workers.filter(({ state: { is } }) => is === 'ready' || is === 'busy');
  }

  /** How many have been told to initialise themselves, those on their way out included. */
  get initialised(): number {
    return this.workers.length - this.count('spawning') - this.count('loaded');
  }

  /** ms that all have been busy so far. */
  get busyMs(): number {
    let sum = this.#goneBusyMs;
    for (const { busyMs } of this.workers) sum += busyMs;
    return sum;
  }
}
