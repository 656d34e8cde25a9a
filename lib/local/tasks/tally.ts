import type { ExecutorStats } from '../../executor.js';
import { Histogram } from '../../metrics.js';
import { now } from '../../wire/clock.js';

/** Counts the tasks of an executor that have ended, and their times. */
export class Tally {
  completed = 0;
  failed = 0;
  /** From a chunk's `since` to the worker. */
  readonly waitTime = new Histogram();
  /** In the worker. */
  readonly runTime = new Histogram();
  readonly #since = now();
  #until: number | undefined;

  /** There will be no more workers: from here on their time does not pass. */
  end(): void {
    this.#until ??= now();
  }

  summary(): Pick<ExecutorStats, 'completed' | 'failed' | 'waitTime' | 'runTime'> {
    const { completed, failed, waitTime, runTime } = this;
    return { completed, failed, waitTime: waitTime.summary(), runTime: runTime.summary() };
  }

  /** `busyMs` as a share of the time of this many workers, from the executor's start to its end: 0 to 1. */
  utilization(busyMs: number, workers: number): number {
    return Math.min(1, busyMs / (((this.#until ?? now()) - this.#since) * workers));
  }
}
