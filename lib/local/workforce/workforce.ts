import { InitializerError, messageOf, PoolClosedError, PoolTerminatedError, type WorkerEnd } from '../../errors.js';
import { publish } from '../../diagnostics.js';
import type { ExecutorStats, ReplaceReason } from '../../executor.js';
import type { Report, TaskReport, WorkerSetup } from '../../wire/messages.js';
import { serializationError } from '../../wire/serialization.js';
import { thrownFrom } from '../../wire/thrown.js';
import { Deadlines } from './deadlines.js';
import { IdleWatch } from './idle-watch.js';
import type { Retirement, WorkerState } from '../lifecycle.js';
import { PoolWorker } from '../pool-worker.js';
import { Readiness } from './readiness.js';
import { Roster } from './roster.js';
import { Setbacks } from './setbacks.js';
import { Starts, type StartsOptions } from './starts.js';
import type { Transport } from '../transport.js';
import { garbledStartOf, lateErrorOf, reasonOf, startErrorOf, tooLateErrorOf } from './worker-ends.js';

export interface WorkforceOptions extends StartsOptions {
  readonly minProcesses: number;
  readonly maxtasksperchild: number;
  readonly idleTimeout: number;
  readonly gracePeriod: number;
  readonly startTimeout: number;
  readonly setup: Omit<WorkerSetup, 'id'>;
}

export interface WorkforceListener {
  /** Who can be given tasks may have changed. */
  changed(): void;
  report(worker: PoolWorker, report: TaskReport): void;
  /** A worker that may hold tasks has gone. */
  gone(worker: PoolWorker, end: WorkerEnd): void;
  /** No worker can be started. */
  broken(error: Error): void;
}

/**
 * Keeps the number of workers: starts them, initialises them, lets them go, and replaces those that left or died. A
 * replacement is forked and loaded before the old worker has gone, if a core is free for that; its initializer waits.
 */
export class Workforce {
  readonly replaced: Record<ReplaceReason, number> = {
    maxtasksperchild: 0,
    maxMemoryPerChild: 0,
    timeout: 0,
    aborted: 0,
    died: 0,
    startFailed: 0,
  };
  readonly #roster = new Roster();
  readonly #starts: Starts;
  readonly #transport: Transport;
  readonly #options: WorkforceOptions;
  readonly #listener: WorkforceListener;
  readonly #startErrors = new WeakMap<PoolWorker, Error>();
  readonly #deadlines = new Deadlines();
  readonly #idleWatch: IdleWatch;
  readonly #setbacks: Setbacks;
  readonly #readiness = new Readiness();
  #whenGone: (() => void)[] = [];
  #state: 'open' | 'leaving' | 'broken' = 'open';
  #terminating = false;
  #warned = false;

  constructor(transport: Transport, options: WorkforceOptions, listener: WorkforceListener) {
    this.#transport = transport;
    this.#options = options;
    this.#listener = listener;
    this.#idleWatch = new IdleWatch(options.idleTimeout, (worker) => {
      if (this.#staying > options.minProcesses) this.retire(worker, 'idle');
    });
    this.#setbacks = new Setbacks(() => this.#resume());
    this.#starts = new Starts(options, this.#roster, (id) => this.#start(id));
    this.arrange(0);
    this.#starts.makeFirst();
  }

  get workers(): readonly PoolWorker[] {
    return this.#roster.workers;
  }

  /** Starts the missing workers when `waiting` tasks wait that nobody is free to run. */
  arrange(waiting: number): void {
    if (this.#state !== 'open' || this.#setbacks.pausing) return;
    const { processes, minProcesses } = this.#options;
    const idle = this.#roster.count('ready') + this.starting;
    const wanted = Math.max(minProcesses, Math.min(processes, this.#staying + Math.max(0, waiting - idle)));
    while (this.#staying < wanted && this.#hasRoom && !this.#probing) this.#starts.plan();
  }

  /** Whether there may be one more, besides those that are leaving. */
  get #hasRoom(): boolean {
    const most = this.#options.processes + Math.min(this.#roster.leaving, Math.max(0, this.#freeCores));
    return this.workers.length + this.#starts.planned < most;
  }

  get #probing(): boolean {
    return this.#setbacks.probing && this.starting > 0;
  }

  /** Whether there are fewer workers than there may be, or one is to be replaced. */
  get canGrow(): boolean {
    return this.#staying < this.#options.processes;
  }

  /** Whether one more would be started for what waits, and no start has failed lately. */
  get canStart(): boolean {
    const isHindered = this.#setbacks.pausing || this.#setbacks.probing;
    return this.#state === 'open' && this.canGrow && this.#hasRoom && !isHindered;
  }

  /** Workers here or planned, without those that leave. */
  get #staying(): number {
    return this.workers.length + this.#starts.planned - this.#roster.leaving;
  }

  /** A worker that holds tasks counts as using a core: nobody knows whether it only waits. */
  get #freeCores(): number {
    return this.#options.cores - this.#starts.planned - this.#roster.count('spawning') - this.#roster.working;
  }

  /** How many workers are in which state. */
  get census(): ExecutorStats['workers'] {
    const roster = this.#roster;
    return {
      starting: this.starting,
      ready: roster.count('ready'),
      busy: roster.count('busy'),
      retiring: roster.count('retiring'),
    };
  }

  /** ms that all workers have been busy so far. */
  get busyMs(): number {
    return this.#roster.busyMs;
  }

  /** Workers on their way to be ready. */
  get starting(): number {
    return this.#starts.planned + this.#roster.starting;
  }

  /** Workers on their way, except loaded ones that wait for another to leave. */
  get arriving(): number {
    return this.starting - this.#roster.count('loaded');
  }

  /** Asks a worker to leave when it has no task left, and sees to it that it goes. */
  retire(worker: PoolWorker, because: Retirement): void {
    if (worker.retire(because)) this.#leave(worker, because);
  }

  /** Resolves when `minProcesses` workers are initialised: by default that is every one. */
  async ready(): Promise<void> {
    if (this.#state !== 'open') throw new PoolClosedError();
    await this.#readiness.wait(this.#roster.serving, this.#options.minProcesses);
  }

  close(): Promise<void> {
    this.#readiness.giveUp(() => new PoolClosedError());
    return this.#letGo((worker) => {
      if (this.#terminating) return;
      if (worker.state.is === 'spawning' || worker.state.is === 'loaded') worker.kill('closing');
      else this.retire(worker, 'closing');
    });
  }

  /** Ends all workers now; one that does not heed SIGTERM is killed when `gracePeriod` has passed. */
  terminate(): Promise<void> {
    this.#readiness.giveUp(() => new PoolTerminatedError());
    // Asking again does not give them more time.
    const isAgain = this.#terminating;
    this.#terminating = true;
    return this.#letGo((worker) => {
      if (isAgain) return;
      worker.terminate();
      this.#leave(worker, 'terminated');
    });
  }

  #start(id: number): void {
    const worker = new PoolWorker(id, this.#options.maxtasksperchild, this.#transport, (started) => ({
      report: (report) => this.#report(started, report),
      garbled: (error) => this.#endOf(started, error),
      exited: (end, startError) => this.#exited(started, end, startError),
    }));
    this.#roster.add(worker);
    this.#limitStart(worker);
  }

  #limitStart(worker: PoolWorker): void {
    this.#deadlines.set(worker, this.#options.startTimeout, () => this.#tooLate(worker));
  }

  #report(worker: PoolWorker, report: Report): void {
    const { is } = worker.state;
    if (!isInTurn(report, is)) return this.#endOf(worker, new Error(`A worker that is ${is} reported ${report.type}`));
    if (report.type === 'online') return this.#online(worker);
    if (report.type === 'initialised') return this.#initialised(worker);
    if (report.type === 'failed') return this.#failed(worker, thrownFrom(report.error));
    if (report.type === 'garbled' && is === 'initialising')
      return this.#initargsGarbled(worker, thrownFrom(report.error));
    this.#listener.report(worker, report);
  }

  /** Kills a worker for what it has said, or for what was said wrong: its tasks are lost, or its start has failed. */
  #endOf(worker: PoolWorker, error: unknown): void {
    if (worker.starting) return this.#giveUpStart(worker, garbledStartOf(worker.state, error));
    worker.dying(undefined, { error });
    worker.kill('died');
  }

  /**
   * Limits the time of one that retires since an error came from no task: what broke may be what its tasks wait for.
   */
  limit(worker: PoolWorker, error: unknown): void {
    if (!this.#deadlines.has(worker))
      this.#deadlines.set(worker, this.#options.startTimeout, () => this.#endOf(worker, error));
  }

  #online(worker: PoolWorker): void {
    worker.apply({ type: 'online' });
    this.#initialiseLoaded();
    // It waits for another to leave: that may take any time, and is not its fault.
    if (worker.state.is === 'loaded') this.#deadlines.clear(worker);
    this.#starts.makeSoon();
  }

  /** Never initialises more than `processes`: a connection that each opens is open at most that many times. */
  #initialiseLoaded(): void {
    for (const worker of this.workers) {
      if (worker.state.is === 'loaded' && this.#roster.initialised < this.#options.processes) this.#initialise(worker);
    }
  }

  #initialise(worker: PoolWorker): void {
    if (!this.#deadlines.has(worker)) this.#limitStart(worker);
    try {
      worker.initialise({ ...this.#options.setup, id: worker.id });
    } catch (error) {
      this.#initargsGarbled(worker, error);
    }
  }

  #initargsGarbled(worker: PoolWorker, error: unknown): void {
    this.#giveUpStart(worker, serializationError('initargs', this.#options.setup.initargs, error));
  }

  #initialised(worker: PoolWorker): void {
    worker.apply({ type: 'initialised' });
    // Whoever hears of it may have given it a task, or ended the pool.
    if (worker.state.is !== 'ready' && worker.state.is !== 'busy') return;
    this.#deadlines.clear(worker);
    this.#setbacks.started();
    this.#readiness.initialised(worker);
    this.#listener.changed();
    this.noteIdle(worker);
  }

  /** A worker beyond `minProcesses` that has nothing to do leaves after `idleTimeout`. */
  noteIdle(worker: PoolWorker): void {
    this.#idleWatch.note(worker);
  }

  #failed(worker: PoolWorker, cause: unknown): void {
    this.#giveUpStart(worker, new InitializerError(`The initializer failed: ${messageOf(cause)}`, { cause }));
  }

  /** Fails the start of a ready worker: an error came before its first answer, and from no task. Returns the start's error. */
  failedLate(worker: PoolWorker, cause: unknown): Error {
    const error = lateErrorOf(cause, this.#options.setup.initializer !== undefined);
    this.#giveUpStart(worker, error);
    return error;
  }

  #giveUpStart(worker: PoolWorker, error: Error): void {
    this.#startErrors.set(worker, error);
    worker.kill('startFailed');
  }

  #tooLate(worker: PoolWorker): void {
    this.#giveUpStart(worker, tooLateErrorOf(worker.state, this.#options.startTimeout));
  }

  #exited(worker: PoolWorker, end: WorkerEnd, startError: unknown): void {
    const { state, untried } = worker;
    worker.apply({ type: 'exited', end });
    // While it is still among the workers: a listener may end the pool, and what it kept is still to be read.
    publish('forkpool:worker:exit', { worker: worker.id, end });
    this.#deadlines.clear(worker);
    this.#idleWatch.forget(worker);
    this.#roster.remove(worker);
    if (this.#state !== 'open') {
      this.#listener.gone(worker, end);
      return this.#checkGone();
    }
    const error = this.#startErrors.get(worker) ?? startErrorOf(state, worker, end, startError);
    if (error !== undefined) {
      this.#readiness.lost(worker);
      this.#startFailed(error, worker.wasReady);
      return this.#initialiseLoaded();
    }
    const reason = reasonOf(state);
    if (reason !== undefined) this.replaced[reason]++;
    const isEarly = (worker.begun() === 0 || untried) && !worker.lasted;
    const isBadStart = reason === 'died' && isEarly && worker.dyingOf === undefined;
    if (isBadStart) {
      this.#readiness.lost(worker);
      this.#setbacks.endedEarly();
    } else this.#setbacks.endedWell();
    if (this.#setbacks.pausing) this.#starts.forget();
    this.#initialiseLoaded();
    this.#listener.gone(worker, end);
    this.#starts.makeSoon();
  }

  #startFailed(error: Error, isLate: boolean): void {
    this.replaced.startFailed++;
    // One that retires may still be at its last tasks.
    const isAnyAlive = this.#roster.serving.length > 0 || this.#roster.working > 0;
    const verdict = isLate ? this.#setbacks.failedLate(isAnyAlive) : this.#setbacks.startFailed(isAnyAlive);
    if (verdict === 'break') return this.#break(error);
    this.#starts.forget();
    if (this.#setbacks.isHopeless) this.#goOnWithout(error);
  }

  /** The living workers carry on. Callers of `ready()` are rejected, or they would wait for ever. */
  #goOnWithout(error: Error): void {
    this.#readiness.giveUp(() => error);
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(`A pool goes on with fewer workers than it should have: ${error.message}`, {
      code: 'FORKPOOL_START_FAILED',
    });
  }

  #resume(): void {
    this.#listener.changed();
    this.arrange(0);
  }

  #break(error: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'broken';
    for (const worker of this.workers) worker.kill('startFailed');
    this.#readiness.giveUp(() => error);
    this.#starts.forget();
    this.#listener.broken(error);
    this.#checkGone();
  }

  #leave(worker: PoolWorker, because: Retirement): void {
    this.#deadlines.set(worker, this.#options.gracePeriod, () => worker.kill(because));
  }

  async #letGo(send: (worker: PoolWorker) => void): Promise<void> {
    if (this.#state === 'open') this.#state = 'leaving';
    for (const worker of this.workers) send(worker);
    this.#starts.forget();
    if (this.workers.length === 0) return this.#transport.close();
    await new Promise<void>((resolve) => this.#whenGone.push(resolve));
  }

  #checkGone(): void {
    if (this.workers.length > 0) return;
    this.#transport.close();
    for (const resolve of this.#whenGone.splice(0)) resolve();
  }
}

/** Whether a worker in this state may say so: a task may write reports of its own to the pipe. */
function isInTurn({ type }: Report, is: WorkerState['is']): boolean {
  switch (type) {
    case 'online':
      return is === 'spawning' || is === 'retiring';
    case 'initialised':
      return is === 'initialising' || is === 'retiring';
    case 'failed':
      return is === 'initialising' || is === 'retiring';
    default:
      return is !== 'spawning' && is !== 'loaded';
  }
}
