import { TaskTimeoutError } from '../../errors.js';
import type { Job } from '../../executor.js';
import { afterPoll } from '../../timers.js';
import type { TaskNumber } from '../../wire/messages.js';
import type { Flight } from '../flights.js';
import type { Outcomes } from './outcomes.js';
import type { PoolWorker } from '../pool-worker.js';

/** Least time between two looks at a worker that is at another task; ms. */
const LOOK_MS = 10;

export interface StopOptions {
  /** From asking a task to end to killing its worker; ms. */
  readonly gracePeriod: number;
  /** Time for a worker with nothing else to do to begin a task; ms. */
  readonly startTimeout: number;
  /** Whether workers of this kind can be killed. */
  readonly canKill: boolean;
  /** How many tasks run at once in a worker. */
  readonly concurrency: number;
}

export interface StopListener {
  /** Takes back all that the worker has not begun and that comes after the task `last`: it may be about to be killed. */
  takeBack(worker: PoolWorker, last: TaskNumber): void;
  /** Tasks of the worker were stopped. */
  stopped(worker: PoolWorker): void;
}

/** Stops running tasks: when their time is up, or their caller has given up. */
export class Stops {
  readonly #options: StopOptions;
  readonly #outcomes: Outcomes;
  readonly #listener: StopListener;
  /** Emptied workers that have yet to say that they have seen it. */
  readonly #awaited = new WeakSet<PoolWorker>();
  /** How long the next worker may go on loading a module for an aborted task; ms. */
  #patience: number;

  constructor(options: StopOptions, outcomes: Outcomes, listener: StopListener) {
    this.#options = options;
    this.#patience = options.gracePeriod;
    this.#outcomes = outcomes;
    this.#listener = listener;
  }

  /** A task with a time limit has started. */
  arm(worker: PoolWorker, task: TaskNumber): void {
    const flight = worker.flights.of(task);
    if (flight !== undefined) this.#limit(worker, flight, 0);
  }

  /**
   * The worker is free to begin its next task. Time limits count from the start, and a worker that is frozen
   * (SIGSTOP, a paging disk) would start none for ever: its limit comes after a `startTimeout` more.
   */
  limitNext(worker: PoolWorker): void {
    const flight = worker.flights.next;
    if (flight === undefined || flight.chunk.job.call.timeout === Infinity) return;
    // With several at once, it may be at others, which report their own start.
    if (this.#options.concurrency > 1 && worker.begun() >= flight.first + flight.done) return;
    this.#limit(worker, flight, this.#options.startTimeout);
  }

  /**
   * An emptied worker gets no more before it has seen that; one that does not see it in a `startTimeout` is killed. One that is
   * loading a module for an aborted task is stopped as if it ran that: after a `gracePeriod`. Each has twice as long as the one
   * before, since a module may only be slow, and is loaded anew each time.
   */
  awaitAcknowledgement(worker: PoolWorker, isAborted = false): void {
    if (!worker.emptied || !this.#options.canKill || this.#awaited.has(worker)) return;
    this.#awaited.add(worker);
    const { lastNumber } = worker.flights;
    const { startTimeout } = this.#options;
    afterPoll(isAborted ? Math.min(this.#patience, startTimeout) : startTimeout, () => {
      this.#awaited.delete(worker);
      // Its marks may be gone with it.
      if (worker.state.is === 'dead') return;
      const isTheSame = worker.emptied && worker.flights.lastNumber === lastNumber;
      if (!isTheSame || (isAborted && !worker.isLoading)) return this.awaitAcknowledgement(worker);
      if (isAborted) this.#patience = Math.max(LOOK_MS, 2 * this.#patience);
      worker.kill(isAborted ? 'aborted' : 'died');
    });
  }

  #limit(worker: PoolWorker, flight: Flight, allowance: number): void {
    const { timeout } = flight.chunk.job.call;
    if (timeout === Infinity || flight.abandoned) return;
    flight.disarm();
    flight.disarm = afterPoll(timeout + allowance, () => {
      this.#listener.takeBack(worker, flight.first + flight.done);
      // Tasks that could not be taken back, such as those whose arguments moved, keep their time.
      worker.flights.separate(flight);
      this.#stop(worker, flight, 'timeout', new TaskTimeoutError(timeout));
      this.#listener.stopped(worker);
    });
  }

  /**
   * The last task to keep if a job is given up. A worker that cannot be killed keeps the one it loads a module for: it is told to
   * give that up.
   */
  lastKept(worker: PoolWorker, job: Job): TaskNumber {
    return this.#options.canKill ? worker.lastKeptFrom(job) : worker.reached();
  }

  /** The caller of a job has given up. */
  abort(worker: PoolWorker, job: Job, reason: unknown): void {
    this.#listener.takeBack(worker, this.lastKept(worker, job));
    for (const flight of worker.flights) {
      if (flight.chunk.job === job && !flight.abandoned) this.#stop(worker, flight, 'aborted', reason);
    }
    this.#listener.stopped(worker);
  }

  /** Answers a running task's caller now, asks the task to end, and ends its worker if it does not. */
  #stop(worker: PoolWorker, flight: Flight, why: 'timeout' | 'aborted', reason: unknown): void {
    flight.disarm();
    worker.flights.abandon(flight);
    const { chunk, done, size } = flight;
    worker.abort(flight.first + done, reason);
    if (this.#options.canKill) this.#killLater(worker, flight, why);
    else worker.release(flight);
    for (let position = done; position < size; position++) {
      if (why === 'aborted') this.#outcomes.abort(chunk, position, reason);
      else this.#outcomes.reject(chunk, position, worker, reason);
    }
    chunk.job.progressed();
  }

  /** Kills a worker that is at a stopped task a grace period after it was first seen there. If it is at another, it lives. */
  #killLater(
    worker: PoolWorker,
    flight: Flight,
    why: 'timeout' | 'aborted',
    ms = this.#options.gracePeriod,
    wasAt = this.#isAt(worker, flight),
  ): void {
    // Its answer may have come in while this program was busy.
    flight.disarm = afterPoll(ms, () => {
      const isAt = this.#isAt(worker, flight);
      if (isAt && wasAt) worker.kill(why);
      else this.#killLater(worker, flight, why, Math.max(LOOK_MS, this.#options.gracePeriod), isAt);
    });
  }

  #isAt(worker: PoolWorker, flight: Flight): boolean {
    return worker.isAt(flight, this.#options.concurrency);
  }
}
