import {
  InitializerError,
  messageOf,
  PoolClosedError,
  PoolTerminatedError,
  WorkerStartError,
  type WorkerEnd,
} from '../errors.js';
import { publish } from '../diagnostics.js';
import type { ExecutorStats, ReplaceReason } from '../executor.js';
import type { Report, WorkerSetup } from '../wire/messages.js';
import { serializationError } from '../wire/serialization.js';
import { thrownFrom } from '../wire/values.js';
import { Deadlines } from './deadlines.js';
import { IdleWatch } from './idle-watch.js';
import type { Retirement, WorkerState } from './lifecycle.js';
import { PoolWorker } from './pool-worker.js';
import { Setbacks } from './setbacks.js';
import type { Transport } from './transport.js';
import { reasonOf, startErrorOf } from './worker-ends.js';

/** Of the first workers so many start at once, however few cores there are; to fork one holds up this thread for a ms. */
const FIRST_AT_ONCE = 8;
/** Of these, so many before the constructor returns: it should not be held up for longer. */
const FORKED_AT_ONCE = 2;

export interface WorkforceOptions {
  readonly processes: number;
  readonly minProcesses: number;
  readonly maxtasksperchild: number;
  readonly idleTimeout: number;
  readonly gracePeriod: number;
  readonly startTimeout: number;
  /** CPUs that this program may use: starts are limited to those that no worker uses. */
  readonly cores: number;
  readonly setup: Omit<WorkerSetup, 'id' | 'marks'>;
}

export interface WorkforceListener {
  /** A worker can be given tasks. */
  ready(): void;
  report(worker: PoolWorker, report: Report): void;
  /** A worker that may hold tasks has gone. */
  gone(worker: PoolWorker, end: WorkerEnd): void;
  /** No worker can be started. */
  broken(error: Error): void;
}

/**
 * Keeps the number of workers: starts them, initialises them, lets them go, and replaces those that left or died. A
 * replacement is forked and loaded before the old worker has gone where a core is free for that; its initializer waits.
 */
export class Workforce {
  /** Never changed but replaced, so that who goes through them misses none. */
  workers: readonly PoolWorker[] = [];
  readonly replaced: Record<ReplaceReason, number> = {
    maxtasksperchild: 0,
    maxMemoryPerChild: 0,
    timeout: 0,
    aborted: 0,
    died: 0,
    startFailed: 0,
  };
  /** ms that workers which have gone were busy. */
  #goneBusyMs = 0;
  readonly #transport: Transport;
  readonly #options: WorkforceOptions;
  readonly #listener: WorkforceListener;
  readonly #startErrors = new WeakMap<PoolWorker, Error>();
  readonly #deadlines = new Deadlines();
  readonly #idleWatch: IdleWatch;
  readonly #setbacks: Setbacks;
  #whenReady: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #whenGone: (() => void)[] = [];
  #state: 'open' | 'leaving' | 'broken' = 'open';
  #ids = 0;
  /** Starts that are promised but not made yet: forking many at once would block this thread, and all cores. */
  #planned = 0;
  #starting = false;
  #warned = false;

  constructor(transport: Transport, options: WorkforceOptions, listener: WorkforceListener) {
    this.#transport = transport;
    this.#options = options;
    this.#listener = listener;
    this.#idleWatch = new IdleWatch(options.idleTimeout, (worker) => {
      if (this.#staying > options.minProcesses) this.retire(worker, 'idle');
    });
    this.#setbacks = new Setbacks(() => this.#resume());
    this.arrange(0);
    this.#startAtOnce();
  }

  /** Starts the workers that are missing, when so many tasks wait that nobody is free to run. */
  arrange(waiting: number): void {
    if (this.#state !== 'open' || this.#setbacks.pausing) return;
    const { processes, minProcesses } = this.#options;
    const idle = this.count('ready') + this.starting;
    const wanted = Math.max(minProcesses, Math.min(processes, this.#staying + Math.max(0, waiting - idle)));
    const most = processes + Math.min(this.#leaving, Math.max(0, this.#freeCores));
    while (this.#staying < wanted && this.workers.length + this.#planned < most && !this.#probing) this.#plan();
  }

  get #probing(): boolean {
    return this.#setbacks.probing && this.starting > 0;
  }

  /** Whether there are fewer workers than there may be, or one is to be replaced. */
  get canGrow(): boolean {
    return this.#staying < this.#options.processes;
  }

  /** Workers that are there, or will be, for what comes. */
  get #staying(): number {
    return this.workers.length + this.#planned - this.#leaving;
  }

  get #leaving(): number {
    let leaving = 0;
    for (const worker of this.workers) if (worker.leaving) leaving++;
    return leaving;
  }

  /** A worker that holds tasks counts as one that uses a core: what it waits for, nobody knows. */
  get #freeCores(): number {
    let used = this.#planned + this.count('spawning');
    for (const worker of this.workers) if (worker.load > 0) used++;
    return this.#options.cores - used;
  }

  /** How many workers are in which state. */
  get census(): ExecutorStats['workers'] {
    const [ready, busy, retiring] = [this.count('ready'), this.count('busy'), this.count('retiring')];
    return { starting: this.starting, ready, busy, retiring };
  }

  /** ms that all workers have been busy so far. */
  get busyMs(): number {
    let sum = this.#goneBusyMs;
    for (const { busyMs } of this.workers) sum += busyMs;
    return sum;
  }

  /** Workers on their way to be ready. */
  get starting(): number {
    let starting = this.#planned;
    for (const worker of this.workers) if (worker.starting) starting++;
    return starting;
  }

  /** Workers on their way, those aside that are loaded and wait for another to leave. */
  get arriving(): number {
    return this.starting - this.count('loaded');
  }

  count(state: WorkerState['is']): number {
    let count = 0;
    for (const worker of this.workers) if (worker.state.is === state) count++;
    return count;
  }

  /** Asks a worker to leave when it has no task left, and sees to it that it goes. */
  retire(worker: PoolWorker, because: Retirement): void {
    if (worker.retire(because)) this.#leave(worker, because);
  }

  /** Resolves when every worker is initialised, or one is where they come as they are needed. */
  async ready(): Promise<void> {
    if (this.#state !== 'open') throw new PoolClosedError();
    if (this.#allReady()) return;
    await new Promise<void>((resolve, reject) => this.#whenReady.push({ resolve, reject }));
  }

  close(): Promise<void> {
    this.#giveUpReady(() => new PoolClosedError());
    return this.#letGo((worker) => {
      if (worker.state.is === 'spawning' || worker.state.is === 'loaded') worker.kill('closing');
      else this.retire(worker, 'closing');
    });
  }

  /** Ends all workers now; one that does not heed SIGTERM is killed when `gracePeriod` has passed. */
  terminate(): Promise<void> {
    this.#giveUpReady(() => new PoolTerminatedError());
    return this.#letGo((worker) => {
      worker.terminate();
      this.#leave(worker, 'terminated');
    });
  }

  #giveUpReady(why: () => Error): void {
    for (const { reject } of this.#whenReady.splice(0)) reject(why());
  }

  #plan(): void {
    this.#planned++;
    this.#startPlanned();
  }

  /** In a turn of their own, and no more at once than cores are free: others follow when one is loaded, or has failed. */
  #startPlanned(): void {
    if (this.#starting || this.#planned === 0) return;
    this.#starting = true;
    // Not unref'd: it would wait for something else to wake the program, and holds that for one turn only.
    setImmediate(() => {
      this.#starting = false;
      while (this.#planned > 0 && this.count('spawning') < this.#mostSpawning) this.#start();
    });
  }

  /** A fork takes 1 to 2 ms here, and 25 there: while those of the first workers pass, the first call can be prepared. */
  #startAtOnce(): void {
    while (this.#planned > 0 && this.#ids < FORKED_AT_ONCE) this.#start();
  }

  /** The first workers start together, so that as many tasks begin at once; replacements only where a core is free. */
  get #mostSpawning(): number {
    const { processes, cores } = this.#options;
    const free =
      this.#ids < processes ? Math.max(cores, FIRST_AT_ONCE) : this.#freeCores + this.#planned + this.count('spawning');
    return Math.max(1, free);
  }

  #start(): void {
    this.#planned--;
    const worker = new PoolWorker(++this.#ids, this.#options.maxtasksperchild, this.#transport, (started) => ({
      report: (report) => this.#report(started, report),
      garbled: (error) => this.#garbled(started, error),
      exited: (end, startError) => this.#exited(started, end, startError),
    }));
    this.workers = [...this.workers, worker];
    this.#expectSoon(worker);
  }

  #expectSoon(worker: PoolWorker): void {
    this.#deadlines.set(worker, this.#options.startTimeout, () => this.#tooLate(worker));
  }

  #report(worker: PoolWorker, report: Report): void {
    if (report.type === 'online') return this.#online(worker);
    if (report.type === 'initialised') return this.#initialised(worker);
    if (report.type === 'failed') return this.#failed(worker, thrownFrom(report.error));
    if (report.type === 'garbled' && worker.state.is === 'initialising')
      return this.#unread(worker, thrownFrom(report.error));
    this.#listener.report(worker, report);
  }

  /** What it says of its tasks, or of its start, is not known: those that began are lost with it. */
  #garbled(worker: PoolWorker, error: unknown): void {
    worker.dyingError ??= { error };
    worker.kill('died');
  }

  #online(worker: PoolWorker): void {
    worker.apply({ type: 'online' });
    this.#initialiseLoaded();
    // It waits for another to leave: that may take any time, and is none of its own.
    if (worker.state.is === 'loaded') this.#deadlines.clear(worker);
    this.#startPlanned();
  }

  /** Never more than `processes` are initialised: a connection that each opens is open so many times at most. */
  #initialiseLoaded(): void {
    for (const worker of this.workers) {
      const initialised = this.workers.length - this.count('spawning') - this.count('loaded');
      if (worker.state.is === 'loaded' && initialised < this.#options.processes) this.#initialise(worker);
    }
  }

  #initialise(worker: PoolWorker): void {
    if (!this.#deadlines.has(worker)) this.#expectSoon(worker);
    try {
      worker.initialise({ ...this.#options.setup, id: worker.id, marks: undefined });
    } catch (error) {
      this.#unread(worker, error);
    }
  }

  #unread(worker: PoolWorker, error: unknown): void {
    this.#giveUpStart(worker, serializationError('initargs', this.#options.setup.initargs, error));
  }

  #initialised(worker: PoolWorker): void {
    worker.apply({ type: 'initialised' });
    if (worker.state.is !== 'ready') return;
    this.#deadlines.clear(worker);
    this.#setbacks.started();
    if (this.#allReady()) for (const { resolve } of this.#whenReady.splice(0)) resolve();
    this.#listener.ready();
    this.noteIdle(worker);
  }

  /** A worker beyond `minProcesses` that has nothing to do leaves after `idleTimeout`. */
  noteIdle(worker: PoolWorker): void {
    this.#idleWatch.note(worker);
  }

  #allReady(): boolean {
    return this.#state === 'open' && this.count('ready') + this.count('busy') >= this.#options.minProcesses;
  }

  #failed(worker: PoolWorker, cause: unknown): void {
    this.#giveUpStart(worker, new InitializerError(`The initializer failed: ${messageOf(cause)}`, { cause }));
  }

  #giveUpStart(worker: PoolWorker, error: Error): void {
    this.#startErrors.set(worker, error);
    worker.kill('startFailed');
  }

  #tooLate(worker: PoolWorker): void {
    const { startTimeout } = this.#options;
    const error =
      worker.state.is === 'initialising'
        ? new InitializerError(`The initializer was not done within \`startTimeout\` (${startTimeout} ms)`)
        : new WorkerStartError(`A worker was not ready within \`startTimeout\` (${startTimeout} ms)`);
    this.#giveUpStart(worker, error);
  }

  #exited(worker: PoolWorker, end: WorkerEnd, startError: unknown): void {
    const { state } = worker;
    worker.apply({ type: 'exited', end });
    // While it is among the workers: if whoever hears of it ends the pool, what it leaves is still to be read.
    publish('forkpool:worker:exit', { worker: worker.id, end });
    this.#deadlines.clear(worker);
    this.workers = this.workers.filter((other) => other !== worker);
    this.#goneBusyMs += worker.busyMs;
    if (this.#state !== 'open') {
      this.#listener.gone(worker, end);
      return this.#checkGone();
    }
    const error = this.#startErrors.get(worker) ?? startErrorOf(state, worker, end, startError);
    if (error !== undefined) {
      this.#startFailed(error);
      return this.#initialiseLoaded();
    }
    const reason = reasonOf(state);
    if (reason !== undefined) this.replaced[reason]++;
    this.#setbacks.ended(reason === 'died' && worker.given === 0);
    if (this.#setbacks.pausing) this.#planned = 0;
    this.#initialiseLoaded();
    this.#listener.gone(worker, end);
    this.#startPlanned();
  }

  #startFailed(error: Error): void {
    this.replaced.startFailed++;
    if (this.#setbacks.startFailed(this.count('ready') + this.count('busy') > 0)) return this.#break(error);
    this.#planned = 0;
    if (this.#setbacks.persist) this.#goOnWithout(error);
  }

  /** Those that live go on, and whoever waits for all of them would wait for ever. */
  #goOnWithout(error: Error): void {
    this.#giveUpReady(() => error);
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(`A pool goes on with fewer workers than it should have: ${error.message}`, {
      code: 'FORKPOOL_START_FAILED',
    });
  }

  #resume(): void {
    this.#listener.ready();
    this.arrange(0);
  }

  #break(error: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'broken';
    for (const worker of this.workers) worker.kill('startFailed');
    this.#giveUpReady(() => error);
    this.#planned = 0;
    this.#listener.broken(error);
    this.#checkGone();
  }

  #leave(worker: PoolWorker, because: Retirement): void {
    this.#deadlines.set(worker, this.#options.gracePeriod, () => worker.kill(because));
  }

  async #letGo(send: (worker: PoolWorker) => void): Promise<void> {
    if (this.#state === 'open') this.#state = 'leaving';
    for (const worker of this.workers) send(worker);
    this.#planned = 0;
    if (this.workers.length === 0) return this.#transport.close();
    await new Promise<void>((resolve) => this.#whenGone.push(resolve));
  }

  #checkGone(): void {
    if (this.workers.length > 0) return;
    this.#transport.close();
    for (const resolve of this.#whenGone.splice(0)) resolve();
  }
}
