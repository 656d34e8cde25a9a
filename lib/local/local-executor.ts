import { TaskTimeoutError, WorkerLostError, type WorkerEnd } from '../errors.js';
import { slice, type Chunk, type Executor, type ExecutorStats, type Job } from '../executor.js';
import { Histogram } from '../metrics.js';
import { after, afterPoll } from '../timers.js';
import { noteTask } from '../task-of.js';
import { serializationError } from '../wire/serialization.js';
import type { OutcomeRun, Report, TaskNumber } from '../wire/messages.js';
import { thrownFrom } from '../wire/values.js';
import { AHEAD_MS, EMPTY, Pace } from './pace.js';
import type { Flight, PoolWorker } from './pool-worker.js';
import { Queue } from './queue.js';
import type { Transport } from './transport.js';
import { Workforce, type WorkforceOptions } from './workforce.js';

/** A worker that has not answered for so long may hold up what waits behind its task; ms. */
const STALLED_MS = 3;

/** A child is loaded within so long, as a rule: its replacement is started that much before it is needed. */
const LOADING_MS = 100;

export interface LocalOptions extends WorkforceOptions {
  readonly concurrency: number;
  readonly maxtasksperchild: number;
  readonly maxMemoryPerChild: number;
}

/** Waiting tasks meet ready workers. */
export class LocalExecutor implements Executor {
  readonly #options: LocalOptions;
  readonly #canKill: boolean;
  readonly #workforce: Workforce;
  readonly #queue = new Queue();
  /** Tasks whose worker died, to be run again: each alone, so that one that kills its worker takes nobody with it. */
  readonly #suspects: Chunk[] = [];
  readonly #pace = new Pace();
  readonly #waitTime = new Histogram();
  readonly #runTime = new Histogram();
  readonly #lastReport = new WeakMap<PoolWorker, number>();
  readonly #since = performance.now();
  #completed = 0;
  #failed = 0;
  #dispatching = false;
  #again = false;
  #rebalancing = false;

  constructor(transport: Transport, options: LocalOptions, broken: (error: Error) => void) {
    this.#options = options;
    this.#canKill = transport.canKill;
    this.#workforce = new Workforce(transport, options, {
      ready: () => this.#dispatch(),
      report: (worker, report) => this.#report(worker, report),
      gone: (worker, end) => this.#gone(worker, end),
      broken,
    });
  }

  submit(job: Job): void {
    // Where others wait already, nobody has room.
    const first = this.#queue.empty;
    this.#queue.add(job);
    if (first) this.#dispatch();
    else if (this.#workforce.canGrow) this.#arrange();
  }

  withdraw(job: Job): void {
    const suspects = this.#suspects.splice(0);
    this.#returned([...this.#queue.forget(job), ...suspects]);
    for (const worker of this.#workforce.workers) {
      if (worker.has(job) && worker.load > this.#options.concurrency) this.#returned(worker.takeBack());
    }
    this.#dispatch();
  }

  abort(job: Job, reason: unknown): void {
    this.withdraw(job);
    for (const worker of this.#workforce.workers) {
      if (!worker.has(job)) continue;
      this.#returned(worker.takeBack());
      for (const flight of worker.flights.values()) {
        if (flight.chunk.job === job && !flight.abandoned) this.#stop(worker, flight, 'aborted', reason);
      }
    }
    this.#dispatch();
  }

  ready(): Promise<void> {
    return this.#workforce.ready();
  }

  close(): Promise<void> {
    return this.#workforce.close();
  }

  terminate(): Promise<void> {
    for (const { flights } of this.#workforce.workers) for (const flight of flights.values()) flight.disarm();
    return this.#workforce.terminate();
  }

  stats(): ExecutorStats {
    const { workers, replaced } = this.#workforce;
    const now = performance.now();
    let given = 0;
    let running = 0;
    let busyMs = this.#workforce.busyMs;
    for (const worker of workers) {
      given += worker.load;
      running += Math.min(worker.load, this.#options.concurrency);
      busyMs += worker.busyMs + (worker.state.is === 'busy' ? now - worker.busySince : 0);
    }
    return {
      workers: {
        starting: this.#workforce.starting,
        ready: this.#workforce.count('ready'),
        busy: this.#workforce.count('busy'),
        retiring: this.#workforce.count('retiring'),
      },
      running,
      held: given - running + this.#queue.returned + this.#suspects.length,
      completed: this.#completed,
      failed: this.#failed,
      replaced: { ...replaced },
      waitTime: this.#waitTime.summary(),
      runTime: this.#runTime.summary(),
      utilization: Math.min(1, busyMs / ((now - this.#since) * this.#options.processes)),
    };
  }

  /** Gives waiting tasks to workers with room. Never runs within itself: an input or a callback may submit more. */
  #dispatch(): void {
    this.#again = true;
    if (this.#dispatching) return;
    this.#dispatching = true;
    while (this.#again) {
      this.#again = false;
      this.#giveSuspects();
      this.#giveWaiting();
    }
    this.#dispatching = false;
    this.#arrange();
    this.#rebalanceLater();
  }

  #giveSuspects(): void {
    while (this.#suspects.length > 0) {
      const worker = this.#find((candidate) => candidate.load === 0);
      if (worker === undefined) return;
      this.#give(worker, this.#suspects.splice(0, 1));
    }
  }

  #giveWaiting(): void {
    while (!this.#queue.empty) {
      const worker = this.#find((candidate) => candidate.load < this.#options.concurrency) ?? this.#findAhead();
      if (worker === undefined) break;
      const chunks = this.#message(worker);
      if (chunks.length === 0) break;
      this.#give(worker, chunks);
    }
  }

  /** Sees to it that there are as many workers as what waits needs. */
  #arrange(): void {
    const waiting = this.#suspects.length + this.#queue.waiting;
    if (waiting > 0) this.#foresee();
    this.#workforce.arrange(waiting);
  }

  /** Workers that will have reached their limit before a replacement could be loaded: it is to be started now. */
  #foresee(): void {
    const { maxtasksperchild } = this.#options;
    if (maxtasksperchild === Infinity) return;
    for (const worker of this.#workforce.workers) {
      const chunks = [...worker.flights.values()].map(({ chunk }) => chunk);
      worker.wornOut = worker.used >= maxtasksperchild && this.#pace.expected(chunks) < LOADING_MS;
    }
  }

  /** The least loaded of the workers that may be given tasks and fit. */
  #find(fits: (worker: PoolWorker) => boolean): PoolWorker | undefined {
    let found: PoolWorker | undefined;
    for (const worker of this.#workforce.workers) {
      if (this.#open(worker) && fits(worker) && worker.load < (found?.load ?? Infinity)) found = worker;
    }
    return found;
  }

  #open(worker: PoolWorker): boolean {
    if (worker.state.is !== 'ready' && worker.state.is !== 'busy') return false;
    return !worker.barred && worker.used < this.#options.maxtasksperchild;
  }

  /** A worker whose next message can wait in its pipe: all are busy, and its own tasks are known to be short. */
  #findAhead(): PoolWorker | undefined {
    if (this.#suspects.length > 0 || this.#workforce.starting > 0) return undefined;
    return this.#find((worker) => {
      if (worker.congested || this.#silence(worker) > STALLED_MS) return false;
      const chunks = [...worker.flights.values()];
      return (
        chunks.length <= 2 * this.#options.concurrency &&
        this.#pace.expected(chunks.map(({ chunk }) => chunk)) < AHEAD_MS
      );
    });
  }

  /** The chunks of the next message to a worker: more than one when they are short and many wait. */
  #message(worker: PoolWorker): Chunk[] {
    const { concurrency, maxtasksperchild, processes } = this.#options;
    const chunks: Chunk[] = [];
    const atOnce = concurrency > 1;
    // With several at once only as many as have a free place: the rest may find one elsewhere.
    const most = atOnce ? Math.max(1, concurrency - worker.load) : Infinity;
    const fairShare = Math.ceil(this.#queue.waiting / (atOnce ? processes : 2 * processes));
    const share = Math.max(1, Math.min(most, fairShare));
    let life = maxtasksperchild - worker.used;
    for (let tasks = 0, weight = EMPTY; tasks < share && life > 0 && this.#pace.hasRoom(weight);) {
      const chunk = this.#queue.take((job, waiting) =>
        Math.min(life, job.call.chunksize ?? Math.min(share, this.#pace.chunksize(job, waiting, processes))),
      );
      if (chunk === undefined) break;
      chunks.push(...(atOnce ? divided(chunk) : [chunk]));
      tasks += chunk.items.length;
      life -= chunk.items.length;
      if (!atOnce) weight = this.#pace.with(weight, chunk);
    }
    return chunks;
  }

  #give(worker: PoolWorker, chunks: readonly Chunk[]): void {
    try {
      this.#pace.sent(chunks, worker.run(chunks));
    } catch (error) {
      return this.#giveSingly(worker, chunks.flatMap(singly), error);
    }
    const now = performance.now();
    if (worker.load === tasksOf(chunks)) this.#lastReport.set(worker, now);
  }

  /** One of the tasks cannot be encoded: it is rejected, and the others go. */
  #giveSingly(worker: PoolWorker, tasks: readonly Chunk[], error: unknown): void {
    const [only] = tasks;
    if (only !== undefined && tasks.length === 1) {
      const args = only.job.call.spread ? only.items[0] : only.items;
      return this.#reject(only, 0, worker, serializationError('argument', args, error));
    }
    for (const task of tasks) this.#give(worker, [task]);
  }

  #report(worker: PoolWorker, report: Report): void {
    this.#lastReport.set(worker, performance.now());
    switch (report.type) {
      case 'settled':
        for (const run of report.runs) this.#settle(worker, run);
        return this.#settled(worker, report.memory ?? 0);
      case 'started':
        return this.#arm(worker, report.task);
      case 'reported':
        return this.#reported(worker, report.task, report.value);
      case 'declined':
        this.#returned(worker.declined(report.from, report.to));
        return this.#settled(worker, 0);
      case 'dying':
        worker.dyingOf = report.task;
        worker.dyingError = report.error && { error: thrownFrom(report.error) };
        return;
      case 'unsound':
        this.#returned(worker.takeBack());
        this.#workforce.retire(worker, 'died');
        return this.#dispatch();
      default:
        throw new Error(`A worker that is ${worker.state.is} reported ${report.type}`);
    }
  }

  /** A run of outcomes may be of several chunks, and some of its tasks may have been taken back. */
  #settle(worker: PoolWorker, run: OutcomeRun): void {
    const count = run.values.length;
    this.#runTime.record(run.ms / count, count);
    for (let at = 0; at < count;) {
      const answered = worker.answered(run.first + at, count - at);
      if (answered !== undefined) this.#answer(worker, answered, run, at);
      at += answered?.count ?? 1;
    }
  }

  #answer(worker: PoolWorker, { flight, start, count }: Answered, run: OutcomeRun, at: number): void {
    const { chunk, given } = flight;
    this.#waitTime.record(given - chunk.since, count);
    this.#pace.record(chunk.job, (run.ms * count) / run.values.length, count);
    if (!flight.abandoned) this.#hand(worker, chunk, start, run, at, count);
    if (flight.done === flight.size && --(chunk.parts ?? { left: 1 }).left === 0) chunk.job.answered();
  }

  /** A worker has answered: it leaves, or gets more. */
  #settled(worker: PoolWorker, memory: number): void {
    const { maxMemoryPerChild, maxtasksperchild } = this.#options;
    if (worker.state.is === 'retiring') {
      if (worker.load === 0) this.#workforce.retire(worker, worker.state.because);
    } else if (memory > maxMemoryPerChild) {
      this.#returned(worker.takeBack());
      this.#workforce.retire(worker, 'maxMemoryPerChild');
    } else if (worker.load === 0 && worker.used >= maxtasksperchild) {
      this.#workforce.retire(worker, 'maxtasksperchild');
    } else {
      this.#workforce.noteIdle(worker);
    }
    this.#dispatch();
  }

  #reported(worker: PoolWorker, task: TaskNumber, value: unknown): void {
    const flight = flightOf(worker, task);
    if (flight === undefined || flight.abandoned) return;
    flight.chunk.job.reported(flight.chunk.index + task - flight.first, flight.chunk.attempt, value);
  }

  /** A task with a time limit has started. */
  #arm(worker: PoolWorker, task: TaskNumber): void {
    const flight = flightOf(worker, task);
    if (flight === undefined || flight.abandoned) return;
    const { timeout } = flight.chunk.job.call;
    flight.disarm = afterPoll(timeout, () => {
      this.#returned(worker.takeBack());
      this.#stop(worker, flight, 'timeout', new TaskTimeoutError(timeout));
      this.#dispatch();
    });
  }

  /** Answers a running task's caller now, asks the task to end, and ends its worker if it does not. */
  #stop(worker: PoolWorker, flight: Flight, why: 'timeout' | 'aborted', reason: unknown): void {
    flight.disarm();
    worker.abandon(flight);
    const { chunk, done, size } = flight;
    worker.abort(flight.first + done, reason);
    if (this.#canKill) flight.disarm = after(this.#options.gracePeriod, () => worker.kill(why));
    else worker.release(flight);
    for (let position = done; position < size; position++) this.#reject(chunk, position, worker, reason);
    if (!this.#canKill) this.#settled(worker, 0);
  }

  #gone(worker: PoolWorker, end: WorkerEnd): void {
    const named = worker.dyingOf;
    const begun = named !== undefined && this.#options.concurrency === 1 ? named : worker.begun();
    this.#returned(worker.notBegun(begun));
    const lost = [...worker.flights.values()].filter(({ abandoned }) => !abandoned);
    const suspects = named === undefined ? lost.reduce((sum, { done, size }) => sum + size - done, 0) : 1;
    const whole = worker.dyingError === undefined ? end : { ...end, cause: worker.dyingError.error };
    for (const { chunk, done, size, disarm } of worker.flights.values()) {
      disarm();
      if (lost.some((flight) => flight.chunk === chunk)) {
        for (let position = done; position < size; position++)
          this.#lose(worker, slice(chunk, position, position + 1), whole, suspects);
      }
    }
    worker.flights.clear();
    this.#dispatch();
  }

  /** A task whose worker died in it, or may have: it runs again, or fails. */
  #lose(worker: PoolWorker, task: Chunk, end: WorkerEnd, suspects: number): void {
    if (task.attempt <= task.job.call.retries && task.job.open) {
      this.#suspects.push({ ...task, attempt: task.attempt + 1 });
      return;
    }
    this.#reject(task, 0, worker, new WorkerLostError(end, suspects));
  }

  /** Hands `count` outcomes of a run, those from `at` on, to their job: values in as few calls as possible. */
  #hand(
    worker: PoolWorker,
    chunk: Chunk,
    start: number,
    { values, errors }: OutcomeRun,
    at: number,
    count: number,
  ): void {
    const index = chunk.index + start - at;
    let from = at;
    const give = (to: number): void => {
      if (to === from) return;
      this.#completed += to - from;
      chunk.job.fulfilled(index + from, to - from === values.length ? values : values.slice(from, to));
    };
    for (const [position, record] of errors) {
      if (position < from || position >= at + count) continue;
      give(position);
      this.#reject(chunk, index + position - chunk.index, worker, thrownFrom(record));
      from = position + 1;
    }
    give(at + count);
  }

  #reject({ job, index, attempt }: Chunk, position: number, { pid }: PoolWorker, error: unknown): void {
    this.#failed++;
    noteTask(error, { index: index + position, attempt, pid });
    job.rejected(index + position, error);
  }

  #returned(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) {
      if (!chunk.job.open) chunk.job.withdrawn(chunk.items.length);
      else if (chunk.attempt > 1) this.#suspects.push(...singly(chunk));
      else this.#queue.giveBack(chunk);
    }
  }

  /** Nothing waits, a worker is idle, and another holds tasks it has not begun: they are shared out before long. */
  #rebalanceLater(): void {
    if (this.#rebalancing || !this.#lopsided()) return;
    this.#rebalancing = true;
    setTimeout(() => {
      this.#rebalancing = false;
      if (!this.#lopsided()) return;
      for (const worker of this.#workforce.workers) {
        if (worker.load > this.#options.concurrency && this.#silence(worker) > STALLED_MS)
          this.#returned(worker.takeBack());
      }
      this.#dispatch();
    }, STALLED_MS + 1);
  }

  #lopsided(): boolean {
    if (!this.#queue.empty || this.#find(({ load }) => load === 0) === undefined) return false;
    return this.#find(({ load }) => load > this.#options.concurrency) !== undefined;
  }

  /** ms since the worker was last heard of, or last had nothing to do. */
  #silence(worker: PoolWorker): number {
    return worker.load === 0 ? 0 : performance.now() - (this.#lastReport.get(worker) ?? 0);
  }
}

type Answered = NonNullable<ReturnType<PoolWorker['answered']>>;

/** A chunk whose tasks run at once and answer in any order. */
function divided(chunk: Chunk): Chunk[] {
  const parts = { left: chunk.items.length };
  return singly({ ...chunk, parts });
}

function singly(chunk: Chunk): Chunk[] {
  return chunk.items.length === 1 ? [chunk] : chunk.items.map((_, position) => slice(chunk, position, position + 1));
}

function tasksOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { items }) => sum + items.length, 0);
}

function flightOf(worker: PoolWorker, task: TaskNumber): Flight | undefined {
  for (const flight of worker.flights.values()) {
    if (task >= flight.first + flight.done && task < flight.first + flight.size) return flight;
  }
  return undefined;
}
