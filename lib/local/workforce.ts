import { endOf, InitializerError, WorkerStartError, type WorkerEnd } from '../errors.js';
import type { ReplaceReason } from '../executor.js';
import { after } from '../timers.js';
import type { Report, WorkerSetup } from '../wire/messages.js';
import { thrownFrom } from '../wire/values.js';
import type { Retirement, WorkerState } from './lifecycle.js';
import { PoolWorker } from './pool-worker.js';
import type { Transport } from './transport.js';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;
/** So many failed starts in a row, with no worker alive, break the pool. */
const MOST_FAILURES = 3;

export interface WorkforceOptions {
  readonly processes: number;
  readonly minProcesses: number;
  readonly idleTimeout: number;
  readonly gracePeriod: number;
  readonly startTimeout: number;
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

/** Keeps the number of workers: starts them, initialises them, lets them go, and replaces those that died. */
export class Workforce {
  readonly workers = new Set<PoolWorker>();
  readonly replaced: Record<ReplaceReason, number> = {
    maxtasksperchild: 0,
    maxMemoryPerChild: 0,
    timeout: 0,
    aborted: 0,
    died: 0,
    startFailed: 0,
  };
  /** ms that workers which have gone were busy. */
  busyMs = 0;
  readonly #transport: Transport;
  readonly #options: WorkforceOptions;
  readonly #listener: WorkforceListener;
  readonly #startErrors = new WeakMap<PoolWorker, Error>();
  readonly #cancels = new WeakMap<PoolWorker, () => void>();
  #whenReady: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #whenGone: (() => void)[] = [];
  #state: 'open' | 'leaving' | 'broken' = 'open';
  #ids = 0;
  /** Starts that are promised but not made yet: forking many at once would block this thread. */
  #planned = 0;
  #failures = 0;
  #pausing = false;

  constructor(transport: Transport, options: WorkforceOptions, listener: WorkforceListener) {
    this.#transport = transport;
    this.#options = options;
    this.#listener = listener;
    this.arrange(0);
  }

  /** Starts the workers that are missing, when so many tasks wait that nobody is free to run. */
  arrange(waiting: number): void {
    if (this.#state !== 'open' || this.#pausing) return;
    const { processes, minProcesses } = this.#options;
    const idle = this.count('ready') + this.starting;
    const wanted = Math.max(minProcesses, Math.min(processes, this.size + Math.max(0, waiting - idle)));
    while (this.size < wanted) this.#plan();
  }

  get size(): number {
    return this.workers.size + this.#planned;
  }

  /** Workers on their way to be ready. */
  get starting(): number {
    return this.#planned + this.count('spawning') + this.count('loaded') + this.count('initialising');
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
    if (this.#allReady()) return;
    await new Promise<void>((resolve, reject) => this.#whenReady.push({ resolve, reject }));
  }

  close(): Promise<void> {
    return this.#letGo((worker) => {
      if (worker.state.is === 'spawning' || worker.state.is === 'loaded') worker.kill('closing');
      else this.retire(worker, 'closing');
    });
  }

  terminate(): Promise<void> {
    return this.#letGo((worker) => worker.kill('terminated'));
  }

  #plan(): void {
    this.#planned++;
    setImmediate(() => {
      this.#planned--;
      if (this.#state === 'open') this.#start();
      else this.#checkGone();
    }).unref();
  }

  #start(): void {
    const worker = new PoolWorker(++this.#ids, this.#transport, (started) => ({
      report: (report) => this.#report(started, report),
      exited: (end, startError) => this.#exited(started, end, startError),
    }));
    this.workers.add(worker);
    const late = after(this.#options.startTimeout, () => this.#tooLate(worker));
    this.#cancels.set(worker, late);
  }

  #report(worker: PoolWorker, report: Report): void {
    if (report.type === 'online') return this.#online(worker);
    if (report.type === 'initialised') return this.#initialised(worker);
    if (report.type === 'failed') return this.#failed(worker, thrownFrom(report.error));
    this.#listener.report(worker, report);
  }

  #online(worker: PoolWorker): void {
    worker.apply({ type: 'online' });
    this.#initialiseLoaded();
  }

  /** Never more than `processes` are initialised: a connection that each opens is open so many times at most. */
  #initialiseLoaded(): void {
    for (const worker of this.workers) {
      const initialised = this.workers.size - this.count('spawning') - this.count('loaded');
      if (worker.state.is === 'loaded' && initialised < this.#options.processes) this.#initialise(worker);
    }
  }

  #initialise(worker: PoolWorker): void {
    try {
      worker.initialise({ ...this.#options.setup, id: worker.id, marks: undefined });
    } catch (error) {
      this.#failed(worker, error);
    }
  }

  #initialised(worker: PoolWorker): void {
    worker.apply({ type: 'initialised' });
    if (worker.state.is !== 'ready') return;
    this.#cancels.get(worker)?.();
    this.#failures = 0;
    if (this.#allReady()) for (const { resolve } of this.#whenReady.splice(0)) resolve();
    this.#listener.ready();
    this.noteIdle(worker);
  }

  /** A worker beyond `minProcesses` that has nothing to do leaves after `idleTimeout`. */
  noteIdle(worker: PoolWorker): void {
    const { idleTimeout, minProcesses } = this.#options;
    if (idleTimeout === Infinity || worker.state.is !== 'ready') return;
    const { given } = worker;
    const cancel = after(idleTimeout, () => {
      if (worker.state.is === 'ready' && worker.given === given && this.size > minProcesses)
        this.retire(worker, 'idle');
    });
    this.#cancels.set(worker, cancel);
  }

  #allReady(): boolean {
    return this.#state === 'open' && this.count('ready') + this.count('busy') >= this.#options.minProcesses;
  }

  #failed(worker: PoolWorker, cause: unknown): void {
    this.#startErrors.set(worker, new InitializerError(`The initializer failed: ${textOf(cause)}`, { cause }));
    worker.kill('startFailed');
  }

  #tooLate(worker: PoolWorker): void {
    const { startTimeout } = this.#options;
    const error =
      worker.state.is === 'initialising'
        ? new InitializerError(`The initializer was not done within \`startTimeout\` (${startTimeout} ms)`)
        : new WorkerStartError(`A worker was not ready within \`startTimeout\` (${startTimeout} ms)`);
    this.#startErrors.set(worker, error);
    worker.kill('startFailed');
  }

  #exited(worker: PoolWorker, end: WorkerEnd, startError: unknown): void {
    const { state } = worker;
    this.#cancels.get(worker)?.();
    worker.apply({ type: 'exited', end });
    this.workers.delete(worker);
    this.busyMs += worker.busyMs;
    if (this.#state !== 'open') {
      this.#listener.gone(worker, end);
      return this.#checkGone();
    }
    const error = this.#startErrors.get(worker) ?? startErrorOf(state, worker, end, startError);
    if (error !== undefined) return this.#startFailed(error);
    const reason = reasonOf(state);
    if (reason !== undefined) this.replaced[reason]++;
    this.#listener.gone(worker, end);
    this.#initialiseLoaded();
  }

  #startFailed(error: Error): void {
    this.replaced.startFailed++;
    this.#failures++;
    if (this.#failures >= MOST_FAILURES && this.count('ready') + this.count('busy') === 0) return this.#break(error);
    this.#pausing = true;
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (this.#failures - 1));
    after(delay, () => this.#resume());
  }

  #resume(): void {
    this.#pausing = false;
    this.#listener.ready();
    this.arrange(0);
  }

  #break(error: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'broken';
    for (const worker of this.workers) worker.kill('startFailed');
    for (const { reject } of this.#whenReady.splice(0)) reject(error);
    this.#listener.broken(error);
  }

  #leave(worker: PoolWorker, because: Retirement): void {
    this.#cancels.get(worker)?.();
    const cancel = after(this.#options.gracePeriod, () => worker.kill(because));
    this.#cancels.set(worker, cancel);
  }

  async #letGo(send: (worker: PoolWorker) => void): Promise<void> {
    if (this.#state === 'open') this.#state = 'leaving';
    for (const worker of this.workers) send(worker);
    if (this.size === 0) return this.#transport.close();
    await new Promise<void>((resolve) => this.#whenGone.push(resolve));
  }

  #checkGone(): void {
    if (this.size > 0) return;
    this.#transport.close();
    for (const resolve of this.#whenGone.splice(0)) resolve();
  }
}

/** What a worker that ended before it was ready failed of; undefined when it had been ready. */
function startErrorOf(state: WorkerState, worker: PoolWorker, end: WorkerEnd, startError: unknown): Error | undefined {
  const cause = startError ?? worker.dyingError?.error ?? end.cause;
  const options = cause === undefined ? undefined : { cause };
  const words = end.stderr.length === 0 ? '' : `. The last lines of its stderr:\n${end.stderr.join('\n')}`;
  if (startError !== undefined)
    return new WorkerStartError(`A worker could not be started: ${textOf(startError)}`, options);
  if (state.is === 'initialising') return new InitializerError(`${endOf(end)} in the initializer${words}`, options);
  if (state.is === 'spawning' || state.is === 'loaded')
    return new WorkerStartError(`${endOf(end)} before it was ready${words}`, options);
  return undefined;
}

/** Under what `stats().replaced` counts an end; undefined for a worker that was not wanted any more. */
function reasonOf(state: WorkerState): ReplaceReason | undefined {
  if (state.is !== 'retiring') return 'died';
  const { because } = state;
  return because === 'idle' || because === 'closing' || because === 'terminated' ? undefined : because;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
