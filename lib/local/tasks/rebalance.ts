import type { Job } from '../../executor.js';
import { after } from '../../timers.js';
import type { Flights } from '../flights.js';
import type { PoolWorker } from '../pool-worker.js';
import type { Queue } from '../queue/queue.js';
import type { Workforce } from '../workforce/workforce.js';

/** A worker that has not answered for this long may hold up what waits behind its task; ms. */
export const STALLED_MS = 3;

export interface RebalanceOptions {
  readonly queue: Queue;
  readonly workforce: Workforce;
  readonly concurrency: number;
  /** Takes back what a worker was given after a task and has not begun. True when there was anything. */
  readonly takeBack: (worker: PoolWorker, last: number) => boolean;
  /** Gives away what was taken back. */
  readonly dispatch: () => void;
}

/** Whether the tasks of a job that a worker holds should not wait behind its task. */
type IsHeldUp = (job: Job) => boolean;

/** Shares out what waits behind a long task, if another worker could run it, or if others go before it. */
export class Rebalance {
  readonly #options: RebalanceOptions;
  #planned = false;

  constructor(options: RebalanceOptions) {
    this.#options = options;
  }

  /**
   * Shares out soon, if needed then. Checking on every answer would mean looking at everything the workers hold, which is slow
   * with many small maps.
   */
  later(): void {
    if (this.#planned || !this.#mayBeNeeded) return;
    this.#planned = true;
    after(STALLED_MS + 1, () => {
      this.#planned = false;
      this.#share();
    });
  }

  /** The cheap check comes first: it usually settles the matter. */
  get #mayBeNeeded(): boolean {
    const isAnyHeld = this.#options.workforce.workers.some((worker) => this.#holdsMore(worker));
    return isAnyHeld && this.#criterion() !== undefined;
  }

  #share(): void {
    const { queue, workforce, takeBack, dispatch } = this.#options;
    const isHeldUp = this.#criterion();
    if (isHeldUp === undefined) return;
    let [hasTaken, isTooSoon] = [false, false];
    for (const worker of workforce.workers) {
      if (!this.#holdsMore(worker) || !holdsAny(worker.flights, isHeldUp)) continue;
      // A task that is still being read is not a long one: taking it back for others each time would have it sent for ever.
      if (worker.silence <= STALLED_MS || (!queue.empty && !worker.hasBegun)) isTooSoon = true;
      // The task whose module is being loaded stays: it is to blame if the worker dies of that.
      else if (takeBack(worker, worker.reached())) hasTaken = true;
    }
    if (hasTaken) dispatch();
    else if (isTooSoon) this.later();
  }

  /** Whether it was given more than it can have begun. */
  #holdsMore(worker: PoolWorker): boolean {
    return worker.load > this.#options.concurrency && worker.inService;
  }

  /** Undefined if nothing is held up, whatever the workers hold. */
  #criterion(): IsHeldUp | undefined {
    const { queue, workforce } = this.#options;
    const foremost = queue.foremost;
    if (foremost === undefined) {
      const isAnyFree = workforce.canStart || workforce.workers.some((worker) => worker.open && worker.load === 0);
      return isAnyFree ? () => true : undefined;
    }
    const { priority, isSingle } = foremost;
    return ({ call }) => priority > call.priority || (priority === call.priority && isSingle && !call.single);
  }
}

function holdsAny(flights: Flights, isHeldUp: IsHeldUp): boolean {
  for (const { chunk } of flights) if (isHeldUp(chunk.job)) return true;
  return false;
}
