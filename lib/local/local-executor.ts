import type { WorkerEnd } from '../errors.js';
import type { Executor, ExecutorStats, Job } from '../executor.js';
import type { OutcomeRun, TaskNumber, TaskReport } from '../wire/messages.js';
import { serializationError } from '../wire/serialization.js';
import { thrownFrom, type ThrownRecord } from '../wire/thrown.js';
import { singly, type LocalChunk } from './queue/chunks.js';
import { KeptWatch } from './tasks/kept-watch.js';
import { Outcomes } from './tasks/outcomes.js';
import { Pace } from './tasks/pace.js';
import type { PoolWorker } from './pool-worker.js';
import { Placement } from './tasks/placement.js';
import { Portions } from './tasks/portions.js';
import { Queue } from './queue/queue.js';
import { Rebalance } from './tasks/rebalance.js';
import { Stops } from './tasks/stops.js';
import { Suspects } from './tasks/suspects.js';
import { Tally } from './tasks/tally.js';
import type { Transport } from './transport.js';
import { Workforce, type WorkforceOptions } from './workforce/workforce.js';

export interface LocalOptions extends WorkforceOptions {
  readonly concurrency: number;
  readonly maxMemoryPerChild: number;
}

/** Gives waiting tasks to workers. */
export class LocalExecutor implements Executor {
  readonly #options: LocalOptions;
  readonly #workforce: Workforce;
  readonly #queue = new Queue();
  readonly #pace: Pace;
  readonly #tally = new Tally();
  readonly #outcomes: Outcomes;
  readonly #suspects: Suspects;
  readonly #portions: Portions;
  readonly #placement: Placement;
  readonly #stops: Stops;
  readonly #rebalance: Rebalance;
  /** Only if workers keep outcomes: see `Runner`. */
  readonly #keptWatch: KeptWatch | undefined;
  /** Whether the number of workers depends on what waits. If not, no call need check. */
  readonly #mayChange: boolean;
  #dispatching = false;
  #again = false;

  constructor(transport: Transport, options: LocalOptions, broken: (error: Error) => void) {
    this.#options = options;
    this.#mayChange = options.minProcesses < options.processes || options.maxtasksperchild !== Infinity;
    this.#pace = new Pace(options.cores);
    this.#outcomes = new Outcomes(this.#tally, this.#pace);
    this.#suspects = new Suspects(this.#outcomes);
    this.#portions = new Portions(this.#queue, this.#pace, options);
    const { canKill } = transport;
    this.#stops = new Stops({ ...options, canKill }, this.#outcomes, {
      takeBack: (worker, last) => this.#takeBack(worker, last, true),
      // A worker that cannot be killed has no such task on its books any more: that counts as an answer.
      stopped: (worker) => (canKill ? this.#dispatch() : this.#goOn(worker)),
    });
    this.#workforce = new Workforce(transport, options, {
      changed: () => this.#dispatch(),
      report: (worker, report) => this.#report(worker, report),
      gone: (worker, end) => this.#gone(worker, end),
      broken: (error) => {
        this.#tally.end();
        broken(error);
      },
    });
    const [workforce, suspects, pace] = [this.#workforce, this.#suspects, this.#pace];
    this.#placement = new Placement({ workforce, suspects, pace, concurrency: options.concurrency });
    this.#rebalance = new Rebalance({
      ...options,
      queue: this.#queue,
      workforce,
      takeBack: (worker, last) => this.#takeBack(worker, last),
      dispatch: () => this.#dispatch(),
    });
    const keepsOutcomes =
      options.concurrency === 1 && options.maxMemoryPerChild === Infinity && transport.kind !== 'async';
    if (keepsOutcomes) {
      const workers = (): readonly PoolWorker[] => this.#workforce.workers;
      this.#keptWatch = new KeptWatch(workers, (worker, run) => this.#settle(worker, [run], 0));
    }
  }

  submit(job: Job): void {
    // If others wait already, no worker has room, unless a dispatch is under way: those jobs may turn out to have no tasks.
    const isToBeLookedAt = this.#queue.empty || this.#dispatching;
    const isForemost = this.#queue.add(job);
    if (isToBeLookedAt) return this.#dispatch();
    if (this.#mayChange && this.#workforce.canGrow) this.#arrange();
    if (isForemost) this.#rebalance.later();
  }

  withdraw(job: Job): void {
    this.#withdraw(job, false);
  }

  #withdraw(job: Job, isAborted: boolean): void {
    this.#returned(this.#queue.forget(job));
    this.#suspects.sift();
    for (const worker of this.#workforce.workers) {
      if (worker.flights.has(job) && worker.load > this.#options.concurrency)
        this.#takeBack(worker, this.#stops.lastKept(worker, job), isAborted);
    }
    this.#dispatch();
  }

  abort(job: Job, reason: unknown): void {
    this.#withdraw(job, true);
    for (const worker of this.#workforce.workers) if (worker.flights.has(job)) this.#stops.abort(worker, job, reason);
  }

  ready(): Promise<void> {
    return this.#workforce.ready();
  }

  async close(): Promise<void> {
    await this.#workforce.close();
    this.#tally.end();
  }

  async terminate(): Promise<void> {
    for (const { flights } of this.#workforce.workers) for (const flight of flights) flight.disarm();
    await this.#workforce.terminate();
    this.#tally.end();
  }

  stats(): ExecutorStats {
    const { replaced, census } = this.#workforce;
    let given = 0;
    let running = 0;
    for (const { load } of this.#workforce.workers) {
      given += load;
      running += Math.min(load, this.#options.concurrency);
    }
    return {
      workers: census,
      running,
      held: given - running + this.#queue.returned + this.#suspects.size,
      replaced: { ...replaced },
      ...this.#tally.summary(),
      utilization: this.#tally.utilization(this.#workforce.busyMs, this.#options.processes),
    };
  }

  /** Gives waiting tasks to workers with room. Never runs within itself: an input or a callback may submit more. */
  #dispatch(): void {
    this.#again = true;
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#giveSuspects();
        this.#giveWaiting();
      }
    } finally {
      this.#dispatching = false;
    }
    this.#arrange();
    this.#rebalance.later();
  }

  #giveSuspects(): void {
    while (this.#suspects.size > 0) {
      const worker = this.#placement.empty();
      if (worker === undefined) return;
      const task = this.#suspects.next();
      if (task !== undefined) this.#give(worker, [task], true);
    }
  }

  #giveWaiting(): void {
    while (!this.#queue.empty) {
      const worker = this.#placement.next();
      if (worker === undefined) return;
      const chunks = this.#portions.next(worker);
      if (chunks.length === 0) return;
      const open = this.#stillOpen(chunks);
      if (open.length > 0) this.#give(worker, open);
    }
  }

  /** Asking an input for the last chunk may have ended a job whose others were taken before. */
  #stillOpen(chunks: readonly LocalChunk[]): readonly LocalChunk[] {
    if (chunks.every(({ job }) => job.open)) return chunks;
    for (const { job, items } of chunks) if (!job.open) job.withdrawn(items.length);
    return chunks.filter(({ job }) => job.open);
  }

  /** `alone`: if the worker dies, blame these. */
  #give(worker: PoolWorker, chunks: readonly LocalChunk[], alone = false): void {
    const isBusy = worker.load > 0;
    try {
      this.#pace.sent(chunks, worker.run(chunks, alone));
    } catch (error) {
      return this.#giveSingly(worker, chunks.flatMap(singly), error);
    }
    if (!isBusy) this.#stops.limitNext(worker);
    if (worker.load > 1) this.#keptWatch?.watch();
  }

  /** One of the tasks cannot be encoded: it is rejected, and the others go. */
  #giveSingly(worker: PoolWorker, tasks: readonly LocalChunk[], error: unknown): void {
    const [only] = tasks;
    if (only !== undefined && tasks.length === 1) {
      const args = only.job.call.spread ? only.items[0] : only.items;
      return this.#outcomes.reject(only, 0, worker, serializationError('argument', args, error));
    }
    for (const task of tasks) {
      // The failure of one may have ended its job.
      if (task.job.open) this.#give(worker, [task]);
      else task.job.withdrawn(task.items.length);
    }
  }

  /** Starts as many workers as the waiting tasks need. */
  #arrange(): void {
    const { maxtasksperchild, processes } = this.#options;
    // One more than any worker may have left.
    if (maxtasksperchild !== Infinity) this.#placement.foresee(this.#waiting(maxtasksperchild + 1));
    // Counting further would start no more workers: at most `processes` are missing, and as many are idle.
    if (this.#workforce.canGrow) this.#workforce.arrange(this.#waiting(2 * processes));
  }

  /** How many tasks wait, counted until there are enough. */
  #waiting(enough: number): number {
    return this.#suspects.size + this.#queue.waiting(enough);
  }

  #report(worker: PoolWorker, report: TaskReport): void {
    worker.heardOf();
    switch (report.type) {
      case 'settled':
        return this.#settle(worker, report.runs, report.memory ?? 0);
      case 'started':
        return this.#stops.arm(worker, report.task);
      case 'reported':
        return this.#reported(worker, report.task, report.value);
      case 'declined':
        this.#returned(worker.declined(report.from, report.to));
        this.#stops.limitNext(worker);
        return this.#goOn(worker);
      case 'dying':
        return worker.dying(report.task, report.error && { error: thrownFrom(report.error) });
      case 'unsound':
        return this.#unsound(worker, report.error);
      case 'garbled':
        return this.#garbled(worker, report.last, thrownFrom(report.error));
      default:
        return report satisfies never;
    }
  }

  /**
   * An error came from no running task. The worker leaves when it has done what it runs; if the error came from no task at
   * all, and the worker has done nothing yet, its start has failed.
   */
  #unsound(worker: PoolWorker, record: ThrownRecord | undefined): void {
    const chunks = worker.takeBack();
    if (record !== undefined && worker.unproven) {
      const error = this.#workforce.failedLate(worker, thrownFrom(record));
      this.#returned(this.#suspects.withoutFirst(chunks, (task) => this.#outcomes.reject(task, 0, worker, error)));
    } else {
      this.#returned(chunks);
      this.#stops.awaitAcknowledgement(worker);
      this.#workforce.retire(worker, 'died');
      if (record !== undefined && worker.load > 0) this.#workforce.limit(worker, thrownFrom(record));
    }
    this.#dispatch();
  }

  /**
   * A worker could not read what it was given after the task `last`, though that could be written: it leaves when it has done
   * what it did hear of, and the task to blame is found. Moved arguments cannot be written again, which is reported.
   */
  #garbled(worker: PoolWorker, last: TaskNumber, error: unknown): void {
    const tasks = worker.notBegun(last).flatMap(singly);
    // First: a task submitted on hearing of the failure must not go to it.
    this.#workforce.retire(worker, 'died');
    const [only] = tasks;
    if (only !== undefined && tasks.length === 1) {
      this.#outcomes.reject(only, 0, worker, serializationError('argument', only.items, error));
    } else for (const task of tasks) this.#suspects.add(task);
    this.#dispatch();
  }

  #settle(worker: PoolWorker, runs: readonly OutcomeRun[], memory: number): void {
    for (const run of runs) this.#outcomes.settle(worker, run);
    this.#stops.limitNext(worker);
    this.#goOn(worker, memory);
  }

  /** A worker has answered, or tasks were taken off its books: it leaves, or gets more. */
  #goOn(worker: PoolWorker, memory = 0): void {
    const { maxMemoryPerChild } = this.#options;
    if (worker.state.is === 'retiring') {
      if (worker.load === 0) this.#workforce.retire(worker, worker.state.because);
      else if (memory > maxMemoryPerChild) worker.resume();
    } else if (memory > maxMemoryPerChild) {
      this.#takeBack(worker);
      this.#workforce.retire(worker, 'maxMemoryPerChild');
      if (worker.load > 0) worker.resume();
    } else if (worker.load === 0 && worker.left <= 0) {
      this.#workforce.retire(worker, 'maxtasksperchild');
    } else {
      this.#workforce.noteIdle(worker);
    }
    this.#dispatch();
  }

  #reported(worker: PoolWorker, task: TaskNumber, value: unknown): void {
    const flight = worker.flights.of(task);
    if (flight === undefined || flight.abandoned) return;
    flight.chunk.job.reported(flight.chunk.index + task - flight.first, flight.chunk.attempt, value);
  }

  #gone(worker: PoolWorker, end: WorkerEnd): void {
    const named = worker.dyingOf;
    const marked = worker.begun();
    const wasLoading = worker.reached() > marked;
    // `named` is a task that has yet to begin if its module ended the worker.
    const begun = this.#options.concurrency === 1 ? (named ?? marked) : Math.max(marked, named ?? 0);
    const kept = worker.kept(marked);
    // After the marks are read: whoever hears of these may end the pool, and close the file.
    if (kept !== undefined) this.#outcomes.settle(worker, kept);
    const unbegun = worker.notBegun(begun);
    const isInVain = named === undefined && (worker.flights.size === 0 || wasLoading);
    const lost = worker.flights.takeAll(named);
    const whole = worker.dyingError === undefined ? end : { ...end, cause: worker.dyingError.error };
    const lose = (task: LocalChunk, suspects = 1): void => this.#suspects.lose(worker, task, whole, suspects);
    this.#returned(isInVain ? this.#suspects.withoutFirst(unbegun, lose) : unbegun);
    for (const { task, suspects } of lost) lose(task, suspects);
    // Once per job, after all are settled: it may have the user's listeners.
    for (const job of new Set(lost.map(({ task }) => task.job))) job.progressed();
    this.#dispatch();
  }

  /** Takes back what a worker was given after the task `last` and has not begun. True when there was anything. */
  #takeBack(worker: PoolWorker, last: TaskNumber = 0, isAborted = false): boolean {
    const chunks = worker.takeBack(last);
    this.#returned(chunks);
    this.#stops.awaitAcknowledgement(worker, isAborted);
    return chunks.length > 0;
  }

  #returned(chunks: readonly LocalChunk[]): void {
    for (const chunk of chunks) {
      if (!chunk.job.open) chunk.job.withdrawn(chunk.items.length);
      else if (chunk.attempt > 1) for (const task of singly(chunk)) this.#suspects.add(task);
      else this.#queue.giveBack(chunk);
    }
  }
}
