import { AsyncResource } from 'node:async_hooks';
import { AbortSignals } from './abort-signals.js';
import { checkTimeout, deferred, within, type AsyncResult, type Settle } from './async-result.js';
import { channels, publish, type JobKind } from './diagnostics.js';
import { PoolClosedError, PoolTerminatedError, poolBootstrap, poolInPreload, poolRunning } from './errors.js';
import { DEFAULT_PRIORITY, type Call, type Executor, type ExecutorStats } from './executor.js';
import { ImapJob, type IMapIterator } from './jobs/imap.js';
import type { Items } from './jobs/items.js';
import { Liveness } from './jobs/liveness.js';
import { MapJob } from './jobs/map.js';
import { PendingJobs } from './jobs/pending-jobs.js';
import { SingleJob } from './jobs/single.js';
import type { JobOwner, UserJob } from './jobs/user-job.js';
import { Window } from './jobs/window.js';
import {
  applyAsyncOptions,
  applyOptions,
  checkArgs,
  imapOptions,
  mapAsyncOptions,
  mapOptions,
  refuseSecondArgument,
  poolOptions,
  type AsyncMapOptions,
  type AsyncTaskOptions,
  type GivenPoolOptions,
  type ImapOptions,
  type MapOptions,
  type ResolvedPoolOptions,
  type TaskOptions,
} from './options.js';
import { forkedProcesses, type Parts } from './local/parts.js';
import { inImportedMain, inImportedModule, inPreload } from './main-script.js';
import { STAYS } from './wire/classes.js';

/** A function that a task runs: in a worker, with arguments that were copied there. May be async. */
export type TaskFunction<A extends unknown[], R> = (...args: A) => R | PromiseLike<R>;

/** As `TaskFunction`, in two: so `R` is inferred from a function that returns now a value and now a promise of another type. */
type Task<A extends unknown[], R> = ((...args: A) => R) | ((...args: A) => PromiseLike<R>);

/** What `imapUnordered` yields with `settled`: the outcomes come as they finish, so each says whose it is. */
export type IndexedSettledResult<R> = PromiseSettledResult<R> & {
  /** The place of its item in the input. */
  readonly index: number;
};

/** Options that say at compile time which results come. With a `settled` of type `boolean`, either may. */
interface Settled {
  readonly settled: true;
}
interface Unsettled {
  readonly settled?: false | undefined;
}

/** How a pool fares. Times are in ms. */
export interface PoolStats {
  /** Workers in each state now. */
  readonly workers: ExecutorStats['workers'];
  /** Tasks now, and since the pool began. */
  readonly tasks: {
    /** Submitted and not begun, including tasks sent ahead. For an input of unknown length, only tasks that were taken. */
    readonly waiting: number;
    /** Begun and not answered. */
    readonly running: number;
    /** Fulfilled, by a worker. */
    readonly completed: number;
    /**
     * Rejected after a worker was given them, whatever the reason, or because their arguments could not be copied. Tasks that were
     * dropped before they began count nowhere.
     */
    readonly failed: number;
  };
  /** Workers that were replaced since the pool began, by the reason. */
  readonly replaced: ExecutorStats['replaced'];
  /** Time from the call to the worker; for an item of `imap`, from when it was taken from the input for a worker. */
  readonly waitTime: ExecutorStats['waitTime'];
  /** Time in the worker. */
  readonly runTime: ExecutorStats['runTime'];
  /**
   * Share of the time of all workers, from the start of the pool to its end, in which they were busy: 0 to 1. Workers that
   * have not started, or have left, count as idle.
   */
  readonly utilization: number;
}

/** Options that go into a `Call`. An `apply` has no `chunksize`. */
type CallOptions = TaskOptions & { readonly chunksize?: number | undefined };

type CallKind = Pick<Call, 'single' | 'spread'>;

const SINGLE: CallKind = { single: true, spread: true };

type PoolState =
  | { readonly is: 'running' }
  | { readonly is: 'closed' }
  | { readonly is: 'terminated' }
  | { readonly is: 'broken'; readonly error: Error };

/**
 * Python's `multiprocessing.Pool`: N forked Node processes that run tasks.
 *
 * @example
 * import { Pool } from 'forkpool';
 * import { square } from './math.js';
 *
 * const pool = new Pool(4);
 * try {
 *   console.log(await pool.map(square, [1, 2, 3])); // [1, 4, 9]
 * } finally {
 *   await pool.close();
 * }
 */
// oxlint-disable-next-line typescript/no-explicit-any -- `Pool` alone must stand for a pool of any initargs
export class Pool<InitArgs extends unknown[] = any> implements AsyncDisposable {
  /** As given, or the default. An AsyncPool has one worker, which runs `processes × concurrency` tasks at once. */
  readonly processes: number;
  readonly #options: ResolvedPoolOptions;
  readonly #parts: Parts;
  readonly #executor: Executor;
  readonly #owner: JobOwner;
  readonly #jobs = new PendingJobs();
  readonly #liveness = new Liveness(this.#jobs);
  /** The `Call` of calls without options, by function and by reference: closures made anew in a loop have one reference. */
  readonly #plainCalls = new WeakMap<object, Call>();
  readonly #signals = new AbortSignals();
  #state: PoolState = { is: 'running' };
  #finishing: Promise<void> | undefined;
  /** Every worker has gone. */
  #gone = false;
  /** Called when no job is left. */
  #onIdle: (() => void) | undefined;

  /**
   * Starts the workers in the background. `new Pool(4)` is `new Pool({ processes: 4 })`.
   *
   * @throws TypeError or RangeError for a wrong option, or for a second argument; PoolError (ERR_POOL_BOOTSTRAP) in a worker
   * that has imported the main script of its master, or that is importing a module for its tasks or a preload (`--import`): each
   * would fork itself for ever.
   */
  constructor(options?: number | GivenPoolOptions<InitArgs>);
  /** @internal For the kinds of pools. */
  constructor(options: number | GivenPoolOptions<InitArgs> | undefined, parts: Parts);
  constructor(options?: number | GivenPoolOptions<InitArgs>, parts: Parts = forkedProcesses) {
    if (inImportedMain()) throw poolBootstrap('the main script of its master');
    if (!isParts(parts)) refuseSecondArgument(parts);
    if (parts.imports && inImportedModule()) throw poolBootstrap('a module of its tasks');
    if (parts.imports && inPreload()) throw poolInPreload();
    this.#options = poolOptions(options, parts.refused);
    this.processes = this.#options.processes;
    this.#parts = parts;
    this.#executor = parts.executor(this.#options, (error) => this.#break(error));
    this.#owner = {
      executor: this.#executor,
      changed: (job) => this.#liveness.changed(job),
      ended: (job, error) => this.#ended(job, error),
    };
  }

  /**
   * Resolves when every worker is initialised; if workers start as they are needed, when `minProcesses` of them are. You need
   * not call it: it tells early what is wrong with the initializer, except with `minProcesses: 0`, when none runs before a call.
   *
   * @throws InitializerError, WorkerStartError or SerializationError (of `initargs`) when three starts in a row have failed, even
   * if other workers live and the pool goes on with them; PoolClosedError or PoolTerminatedError if the pool ends first
   */
  async ready(): Promise<void> {
    if (this.#state.is === 'broken') throw this.#state.error;
    await this.#liveness.keepUntil(this.#executor.ready());
  }

  /**
   * Runs one task and waits for its result. `args` is the list of its arguments.
   *
   * @throws what the task threw; WorkerLostError when its worker died; TaskTimeoutError at its `timeout`; the reason of its
   * `signal`; what its `onReport` threw; SerializationError; TaskNotFoundError; PoolTerminatedError when the pool is terminated
   * before the task is done; the InitializerError, WorkerStartError or SerializationError that broke the pool; PoolClosedError;
   * TypeError or RangeError for a wrong call
   *
   * @example
   * await pool.apply(divide, [6, 3], { timeout: 1000 }); // 2
   */
  apply<A extends unknown[], R>(
    fn: Task<A, R>,
    ...rest: [] extends A
      ? [args?: Readonly<NoInfer<A>>, options?: TaskOptions]
      : [args: Readonly<NoInfer<A>>, options?: TaskOptions]
  ): Promise<Awaited<R>>;
  async apply(fn: unknown, args?: unknown, options?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#single(fn, args, applyOptions(options), { resolve, reject }));
  }

  /**
   * Runs one task, and returns at once. The result rejects with what `apply` does; a wrong call throws.
   *
   * @example
   * const result = pool.applyAsync(divide, [6, 3], { callback: (value) => console.log(value) });
   * await result.get(1000); // 2, or TimeoutError after a second
   */
  applyAsync<A extends unknown[], R>(
    fn: Task<A, R>,
    ...rest: [] extends A
      ? [args?: Readonly<NoInfer<A>>, options?: AsyncTaskOptions<Awaited<R>>]
      : [args: Readonly<NoInfer<A>>, options?: AsyncTaskOptions<Awaited<R>>]
  ): AsyncResult<Awaited<R>>;
  applyAsync(fn: unknown, args?: unknown, given?: unknown): AsyncResult<unknown> {
    const options = applyAsyncOptions(given);
    const { result, settle } = deferred(options);
    this.#single(fn, args, options, settle);
    settle.returned();
    return result;
  }

  /**
   * Runs the function on every item, and waits for the results, in the order of the items. All run, even when one fails;
   * then the promise rejects with the error of the lowest index. A number in place of the options is `chunksize`.
   *
   * @throws as `apply`, and what the input or `onProgress` throws
   *
   * @example
   * await pool.map(square, [1, 2, 3]); // [1, 4, 9]
   * await pool.map(square, [1, 2, 3], { settled: true }); // [{ status: 'fulfilled', value: 1 }, …]
   */
  map<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options?: number | (MapOptions & Unsettled),
  ): Promise<Awaited<R>[]>;
  map<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: MapOptions & Settled,
  ): Promise<PromiseSettledResult<Awaited<R>>[]>;
  map<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: number | MapOptions,
  ): Promise<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>;
  async map(fn: unknown, items: unknown, options?: unknown): Promise<unknown[]> {
    return new Promise((resolve, reject) => this.#map(false, fn, items, mapOptions(options), { resolve, reject }));
  }

  /** As `map`, and returns at once. Throws for a wrong call. */
  mapAsync<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options?: number | (AsyncMapOptions<Awaited<R>[]> & Unsettled),
  ): AsyncResult<Awaited<R>[]>;
  mapAsync<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: AsyncMapOptions<PromiseSettledResult<Awaited<R>>[]> & Settled,
  ): AsyncResult<PromiseSettledResult<Awaited<R>>[]>;
  mapAsync<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: number | AsyncMapOptions<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>,
  ): AsyncResult<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>;
  mapAsync(fn: unknown, items: unknown, given?: unknown): AsyncResult<unknown[]> {
    const options = mapAsyncOptions(given);
    const { result, settle } = deferred(options);
    this.#map(false, fn, items, options, settle);
    settle.returned();
    return result;
  }

  /**
   * As `map`, but each item is a list of arguments.
   *
   * @throws as `map`
   *
   * @example
   * await pool.starmap(divide, [[6, 3], [9, 3]]); // [2, 3]
   */
  // `| []` has TypeScript infer a tuple from a list literal, and so lets a function be typed by its items, as in `map`.
  starmap<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options?: number | (MapOptions & Unsettled),
  ): Promise<Awaited<R>[]>;
  starmap<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options: MapOptions & Settled,
  ): Promise<PromiseSettledResult<Awaited<R>>[]>;
  starmap<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options: number | MapOptions,
  ): Promise<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>;
  async starmap(fn: unknown, items: unknown, options?: unknown): Promise<unknown[]> {
    return new Promise((resolve, reject) => this.#map(true, fn, items, mapOptions(options), { resolve, reject }));
  }

  /** As `starmap`, and returns at once. Throws for a wrong call. */
  starmapAsync<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options?: number | (AsyncMapOptions<Awaited<R>[]> & Unsettled),
  ): AsyncResult<Awaited<R>[]>;
  starmapAsync<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options: AsyncMapOptions<PromiseSettledResult<Awaited<R>>[]> & Settled,
  ): AsyncResult<PromiseSettledResult<Awaited<R>>[]>;
  starmapAsync<A extends unknown[] | [], R>(
    fn: Task<A, R>,
    items: Items<A | Readonly<A>>,
    options: number | AsyncMapOptions<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>,
  ): AsyncResult<Awaited<R>[] | PromiseSettledResult<Awaited<R>>[]>;
  starmapAsync(fn: unknown, items: unknown, given?: unknown): AsyncResult<unknown[]> {
    const options = mapAsyncOptions(given);
    const { result, settle } = deferred(options);
    this.#map(true, fn, items, options, settle);
    settle.returned();
    return result;
  }

  /**
   * Runs the function on every item, and yields the results one by one in the order of the items. It starts at once, and takes at
   * most `buffersize` items more than have been read. An item that fails makes its `next()` reject, and the iterator goes on; a
   * `break` drops the rest and closes the input. Default `buffersize`: 16 × `processes` × `concurrency`, times a `chunksize`
   * that is given; it grows while tasks are tiny.
   *
   * @throws TypeError or RangeError for a wrong call; PoolClosedError; the error that broke the pool. All else that `map` throws
   * comes from `next()`
   *
   * @example
   * for await (const thumbnail of pool.imap(resize, files)) await save(thumbnail);
   */
  imap<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options?: number | (ImapOptions & Unsettled),
  ): IMapIterator<Awaited<R>>;
  imap<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: ImapOptions & Settled,
  ): IMapIterator<PromiseSettledResult<Awaited<R>>>;
  imap<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: number | ImapOptions,
  ): IMapIterator<Awaited<R> | PromiseSettledResult<Awaited<R>>>;
  imap(fn: unknown, items: unknown, options?: unknown): IMapIterator<unknown> {
    return this.#imap(true, fn, items, imapOptions(options));
  }

  /**
   * As `imap`, and yields the results as they finish. With `settled` each has the `index` of its item.
   *
   * @throws as `imap`
   */
  imapUnordered<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options?: number | (ImapOptions & Unsettled),
  ): IMapIterator<Awaited<R>>;
  imapUnordered<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: ImapOptions & Settled,
  ): IMapIterator<IndexedSettledResult<Awaited<R>>>;
  imapUnordered<T, R>(
    fn: Task<[item: T], R>,
    items: Items<T>,
    options: number | ImapOptions,
  ): IMapIterator<Awaited<R> | IndexedSettledResult<Awaited<R>>>;
  imapUnordered(fn: unknown, items: unknown, options?: unknown): IMapIterator<unknown> {
    return this.#imap(false, fn, items, imapOptions(options));
  }

  /**
   * Takes no new tasks from now on. Resolves when all submitted tasks are done and every worker has gone. An `imap` over an input
   * of unknown length waits to be read, and keeps no program alive for that; `join` runs it to its end all the same.
   */
  close(): Promise<void> {
    this.#refuseMore();
    for (const job of this.#iterators()) if (job.sized) job.liftBound();
    // The program may end while nothing is left but results that nobody reads.
    return this.#liveness.keepUntil(this.#finished(), () => this.#jobs.size === 0);
  }

  /**
   * Stops now: everything pending rejects with PoolTerminatedError, and workers are killed, without their finalizers.
   * Resolves when every worker has gone.
   *
   * @example
   * process.once('SIGINT', () => void pool.terminate());
   */
  terminate(): Promise<void> {
    if (this.#state.is !== 'broken') this.#state = { is: 'terminated' };
    for (const job of this.#jobs) job.fail(new PoolTerminatedError());
    return this.#liveness.keepUntil(this.#executor.terminate().then(() => this.#finished()));
  }

  /**
   * Waits, after `close` or `terminate`, until every worker has gone; at most `timeout` ms, then TimeoutError. While it waits, an
   * `imap` takes its input without a bound and keeps the results: for ever, if the input is endless.
   *
   * @throws PoolError (ERR_POOL_RUNNING) before `close` or `terminate`
   */
  async join(timeout?: number): Promise<void> {
    checkTimeout(timeout);
    if (this.#state.is === 'running') throw poolRunning();
    const unread = this.#iterators();
    for (const job of unread) job.liftBound();
    try {
      // The promise itself, from which `within` can remove its callback: a derived one would stay attached after the time is up.
      await this.#liveness.keepUntil(within(this.#finished(), timeout, this.#gone, 'Not all workers had gone'));
    } finally {
      for (const job of unread) job.restoreBound();
    }
  }

  /** `await using pool = new Pool()`: closes, drops what unfinished iterators have not begun, and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#refuseMore();
    // Before `close` has them take all their input.
    for (const job of this.#iterators()) void job.return();
    await this.close();
  }

  /**
   * How the pool fares at this moment.
   *
   * @example
   * const { tasks, utilization } = pool.stats();
   * console.log(`${tasks.waiting} tasks wait, and workers were busy for ${Math.round(100 * utilization)} % of the time`);
   */
  stats(): PoolStats {
    const { held, running, completed, failed, ...rest } = this.#executor.stats();
    let waiting = held;
    for (const job of this.#jobs) waiting += job.known;
    return { ...rest, tasks: { waiting, running, completed, failed } };
  }

  static {
    const value = 'a pool stays in the program that made it: call it there, or make one in the worker';
    Object.defineProperty(this.prototype, STAYS, { value });
  }

  #single(fn: unknown, given: unknown, options: TaskOptions, settle: Settle<unknown>): void {
    this.#checkRunning();
    const call = this.#singleCall(fn, options);
    const args = checkArgs(given);
    const job = new SingleJob(this.#owner, call, args, settle, options.onReport);
    this.#submit(job, 'apply', options.signal);
  }

  #map(spread: boolean, fn: unknown, items: unknown, options: MapOptions, settle: Settle<unknown[]>): void {
    this.#checkRunning();
    const call = this.#call(fn, options, { single: false, spread });
    const { settled = false, stopOnError = false, onReport, onProgress } = options;
    const job = new MapJob(this.#owner, call, items, { settled, stopOnError, onReport, onProgress }, settle);
    this.#begin(job, spread ? 'starmap' : 'map', options.signal);
  }

  #imap(ordered: boolean, fn: unknown, items: unknown, options: ImapOptions): IMapIterator<unknown> {
    this.#checkRunning();
    const { settled = false, buffersize, onReport, onProgress } = options;
    const places = this.processes * this.#options.concurrency * (options.chunksize ?? 1);
    const window = Window.of(buffersize, places);
    const chunksize = options.chunksize && Math.min(options.chunksize, window.size);
    const call = this.#call(fn, { ...options, chunksize }, { single: false, spread: false });
    const job = new ImapJob(this.#owner, call, items, { ordered, window, settled, onReport, onProgress });
    this.#begin(job, ordered ? 'imap' : 'imapUnordered', options.signal);
    return job;
  }

  #refuseMore(): void {
    if (this.#state.is === 'running') this.#state = { is: 'closed' };
  }

  /** The iterators that have not come to their end. */
  #iterators(): ImapJob[] {
    return [...this.#jobs].filter((job) => job instanceof ImapJob);
  }

  #checkRunning(): void {
    if (this.#state.is === 'broken') throw this.#state.error;
    if (this.#state.is !== 'running') throw new PoolClosedError();
  }

  #call(fn: unknown, options: CallOptions, kind: CallKind): Call {
    const reference = this.#parts.referenceOf(fn);
    const { timeout = this.#options.timeout, retries = this.#options.retries, priority = DEFAULT_PRIORITY } = options;
    const { chunksize, signal } = options;
    const call = { reference, ...kind, timeout, retries, priority, chunksize, abortable: signal !== undefined };
    return this.#parts.imports ? call : { ...call, context: new AsyncResource('forkpool') };
  }

  /** Plain calls of a function share one `Call`, and so can travel together. */
  #singleCall(fn: unknown, options: TaskOptions): Call {
    const { timeout, retries, priority, signal } = options;
    if ((timeout ?? retries ?? priority ?? signal) !== undefined) return this.#call(fn, options, SINGLE);
    return this.#plainCalls.get(fn as object) ?? this.#plainCall(fn);
  }

  #plainCall(fn: unknown): Call {
    const reference = this.#parts.referenceOf(fn);
    const call = this.#plainCalls.get(reference) ?? this.#call(fn, {}, SINGLE);
    // A call with a context belongs to its caller alone.
    if (call.context === undefined) this.#plainCalls.set(reference, call).set(fn as object, call);
    return call;
  }

  /** Making the job ran its input's code, which may have closed the pool. */
  #begin(job: MapJob | ImapJob, kind: JobKind, signal: AbortSignal | undefined): void {
    try {
      this.#checkRunning();
    } catch (error) {
      job.discard();
      throw error;
    }
    this.#submit(job, kind, signal);
    job.submitted();
  }

  #submit(job: UserJob, kind: JobKind, signal: AbortSignal | undefined): void {
    this.#jobs.add(job);
    if (channels['forkpool:job:start'].hasSubscribers) publish('forkpool:job:start', { job: job.id, kind });
    // A subscriber to its start may have ended it.
    if (signal !== undefined && job.open) this.#signals.heed(signal, job);
    this.#liveness.began(job);
    if (job.open && job.waiting > 0) this.#executor.submit(job);
  }

  #ended(job: UserJob, error: unknown): void {
    this.#jobs.delete(job);
    this.#signals.forget(job);
    if (channels['forkpool:job:end'].hasSubscribers) publish('forkpool:job:end', { job: job.id, error });
    this.#liveness.ended(job);
    if (this.#jobs.size === 0) this.#onIdle?.();
  }

  /** No worker can be started: everything pending fails with the reason, and every later call does. */
  #break(error: Error): void {
    if (this.#state.is === 'terminated') return;
    this.#state = { is: 'broken', error };
    for (const job of this.#jobs) job.fail(error);
    // Ends by itself, so that the first poll of `join` sees it.
    void this.#finished();
  }

  /** Resolves when nothing is pending and every worker has gone. */
  #finished(): Promise<void> {
    return (this.#finishing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    if (this.#jobs.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#executor.close();
    this.#gone = true;
  }
}

/** False for anything that a program without types has given instead. */
function isParts(parts: unknown): parts is Parts {
  return typeof (parts as Partial<Parts> | null)?.executor === 'function';
}
