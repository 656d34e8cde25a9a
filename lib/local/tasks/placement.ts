import type { PoolWorker } from '../pool-worker.js';
import type { Workforce } from '../workforce/workforce.js';
import { AHEAD_MS, type Pace } from './pace.js';
import { STALLED_MS } from './rebalance.js';
import type { Suspects } from './suspects.js';

/** A child usually loads within this time: a replacement is started that long before it is needed; ms. */
const LOADING_MS = 100;

export interface PlacementOptions {
  readonly workforce: Workforce;
  readonly suspects: Suspects;
  readonly pace: Pace;
  readonly concurrency: number;
}

/** Chooses the worker that gets the next message, and foresees which will soon have reached its limit. */
export class Placement {
  readonly #options: PlacementOptions;

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  /** The worker that gets the next message: it has a free place, or the message can wait in its pipe. */
  next(): PoolWorker | undefined {
    const { workforce, suspects, concurrency } = this.#options;
    const reserved = this.#reserved;
    const worker = this.#leastLoaded(reserved === undefined ? any : (other) => other !== reserved);
    if (worker === undefined || worker.load < concurrency) return worker;
    const ahead = suspects.size > 0 ? undefined : this.#leastLoaded(this.#canWaitFor);
    return ahead !== undefined && workforce.arriving > 0 ? undefined : ahead;
  }

  /** A worker with nothing to do, for a task that must run alone. */
  empty(): PoolWorker | undefined {
    const worker = this.#leastLoaded(any);
    return worker?.load === 0 ? worker : undefined;
  }

  /** Finds workers that will reach their limit before a replacement could load: it must start now. */
  foresee(waiting: number): void {
    for (const worker of this.#options.workforce.workers)
      worker.foresee(worker.left < waiting && this.#msUntilLimit(worker) < LOADING_MS);
  }

  /**
   * The worker that is to become empty, for a task that must run alone. Needed only while no worker is starting, since that one
   * would be empty: without it, every worker would keep getting other tasks.
   */
  get #reserved(): PoolWorker | undefined {
    const { workforce, suspects } = this.#options;
    return suspects.size > 0 && workforce.arriving === 0 ? this.#leastLoaded(any) : undefined;
  }

  /** The least loaded of the open workers that will do. */
  #leastLoaded(willDo: (worker: PoolWorker) => boolean): PoolWorker | undefined {
    let found: PoolWorker | undefined;
    for (const worker of this.#options.workforce.workers) {
      if (found !== undefined && worker.load >= found.load) continue;
      if (worker.open && willDo(worker)) found = worker;
    }
    return found;
  }

  /** Whether a message can wait in a worker's pipe: its own tasks are known to be short. */
  readonly #canWaitFor = (worker: PoolWorker): boolean => {
    // Up to 4 times as many make no difference; without a limit, 4,000 no-ops at 8 at once take 3 times as long (measured).
    if (worker.flights.size > 2 * this.#options.concurrency || worker.congested) return false;
    return worker.silence <= STALLED_MS && this.#msOfWork(worker) < AHEAD_MS;
  };

  /** ms until a worker has done what it was given. */
  #msOfWork({ flights }: PoolWorker): number {
    let sum = 0;
    for (const { chunk } of flights) sum += this.#options.pace.of(chunk.job) * chunk.items.length;
    return sum;
  }

  /** ms until a worker reaches its limit, with tasks like those it has. */
  #msUntilLimit(worker: PoolWorker): number {
    const given = this.#msOfWork(worker);
    return worker.left === 0 ? given : given + (worker.left * given) / worker.load;
  }
}

function any(): boolean {
  return true;
}
