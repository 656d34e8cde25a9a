import { keepAlive } from '../timers.js';
import type { PendingJobs } from './pending-jobs.js';
import type { UserJob } from './user-job.js';

/** Keeps the program alive while a job of a pool is busy, or somebody waits for the pool. */
export class Liveness {
  readonly #jobs: PendingJobs;
  /** Jobs with nothing to run at the moment. They are few, and kept apart: searching for a busy one would take time. */
  readonly #idle = new Set<UserJob>();
  /** One for each wait: whether the program must not end before that. */
  readonly #waits = new Set<() => boolean>();
  /** Lets the program end; undefined while nothing keeps it. */
  #release: (() => void) | undefined;

  constructor(jobs: PendingJobs) {
    this.#jobs = jobs;
  }

  /**
   * A job has begun: most are busy at once. Checking more on each call cost an eighth of the CPU time of a first burst
   * (measured).
   */
  began(job: UserJob): void {
    if (job.busy) this.#release ??= keepAlive();
    else this.changed(job);
  }

  /** A job has ended. While others are busy, nothing changes for the program. */
  ended(job: UserJob): void {
    this.#idle.delete(job);
    if (this.#jobs.size === this.#idle.size) this.#update();
  }

  /** A job has become more or less busy. */
  changed(job: UserJob): void {
    if (!job.busy && this.#jobs.has(job)) this.#idle.add(job);
    else this.#idle.delete(job);
    this.#update();
  }

  /** Keeps the program alive until the promise settles, for as long as `holds` returns true. */
  async keepUntil(promise: Promise<void>, holds = always): Promise<void> {
    // A new function for each wait: the same `holds` may wait twice.
    const wait = (): boolean => holds();
    this.#waits.add(wait);
    this.#update();
    try {
      await promise;
    } finally {
      this.#waits.delete(wait);
      this.#update();
    }
  }

  #update(): void {
    if (this.#jobs.size > this.#idle.size || this.#isAwaited()) {
      this.#release ??= keepAlive();
    } else {
      this.#release?.();
      this.#release = undefined;
    }
  }

  #isAwaited(): boolean {
    for (const holds of this.#waits) if (holds()) return true;
    return false;
  }
}

function always(): boolean {
  return true;
}
