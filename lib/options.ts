import { AsyncResource } from 'node:async_hooks';
import type { StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ResourceLimits } from 'node:worker_threads';
import type { Callbacks } from './async-result.js';
import { expected, show } from './errors.js';
import type { OnProgress, OnReport } from './jobs/user-job.js';
import { parallelism } from './local/machine/parallelism.js';

/** Options of a pool. All may be left out; times are in ms, memory in bytes. */
// oxlint-disable-next-line typescript/no-explicit-any -- `Pool` alone must stand for a pool of any initargs
export interface PoolOptions<InitArgs extends unknown[] = any> extends TaskDefaults {
  /** Number of workers. Default: the CPUs that this process may use, by affinity and by the quota of its control group. */
  processes?: number | undefined;
  /** Called once in each worker, replacements too, before its first task. May be async. */
  initializer?: ((...args: InitArgs) => unknown) | undefined;
  /** Arguments of the initializer. Default: none. */
  initargs?: Readonly<NoInfer<InitArgs>> | undefined;
  /** Called once in each worker that leaves in an orderly way, within `gracePeriod`. May be async. */
  finalizer?: (() => unknown) | undefined;
  /** A worker leaves after exactly this many tasks (calls, not chunks) and is replaced. Default: never. */
  maxtasksperchild?: number | undefined;
  /**
   * A worker with more memory after a task is replaced: bytes of resident memory; of a thread, of its heap. Not in AsyncPool.
   * Default: never.
   */
  maxMemoryPerChild?: number | undefined;
  /** Tasks that one worker runs at once, for tasks that wait for IO. Default: 1. */
  concurrency?: number | undefined;
  /**
   * Workers that start with the pool, and stay. More start when tasks wait, and leave after `idleTimeout`. Not in AsyncPool.
   * Default: `processes`, so all start, and none leaves.
   */
  minProcesses?: number | undefined;
  /**
   * ms without a task, after which a worker beyond `minProcesses` leaves; without a lower `minProcesses` there is none. Not in
   * AsyncPool. Default: never.
   */
  idleTimeout?: number | undefined;
  /**
   * ms that a worker has to leave when it is asked to, its finalizer included, and a stopped task to obey its signal; then the
   * worker is killed. Default: 1000.
   */
  gracePeriod?: number | undefined;
  /** ms from fork to ready, the initializer included. Default: 30000. */
  startTimeout?: number | undefined;
  /** Extends the environment of the workers; undefined removes a variable. Not in AsyncPool. Default: the master's. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working directory of the workers: a path or a file URL. Pool alone. Default: the master's. */
  cwd?: string | URL | undefined;
  /**
   * Flags of `node` for the workers. Not in AsyncPool.
   * Default: the master's, without `--inspect` and others that concern it alone.
   */
  execArgv?: readonly string[] | undefined;
  /**
   * As in `child_process`, with or without the 'ipc' that `fork` asks for. A piped stdout is copied on to this program's. Not in
   * AsyncPool.
   * Default: stdin ignored, stdout inherited, stderr copied on with its last 20 lines kept.
   */
  stdio?: StdioOptions | undefined;
  /** Limits of a thread, as in `worker_threads`. ThreadPool alone. Default: Node's. */
  resourceLimits?: ResourceLimits | undefined;
}

/** Options as a pool is given them: an initializer that needs arguments comes with them. */
export type GivenPoolOptions<InitArgs extends unknown[]> = PoolOptions<InitArgs> &
  ([] extends InitArgs ? unknown : { initargs: Readonly<InitArgs> });

interface TaskDefaults {
  /**
   * ms for each task, from its start in the worker; then it is stopped, and rejects with TaskTimeoutError. `Infinity` is no limit.
   * Default: none.
   */
  timeout?: number | undefined;
  /** How often a task is run again when its worker died; never when it threw, timed out or was aborted. Default: 0. */
  retries?: number | undefined;
}

/** Options of `apply`, and of every other call. If `timeout` or `retries` is left out, the pool's applies. */
export interface TaskOptions extends TaskDefaults {
  /** Aborting it drops what waits and stops what runs; the promise rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** Higher first; fair turns among equals. Default: 0. */
  priority?: number | undefined;
  /**
   * Receives what tasks send with `currentTask().report(value)`. If it throws, the call rejects with that; a promise it returns is
   * not waited for.
   */
  onReport?: OnReport | undefined;
}

/** Options of `applyAsync`. */
export interface AsyncTaskOptions<R> extends TaskOptions, Callbacks<R> {}

interface ChunkOptions extends TaskOptions {
  /** Tasks that travel together. Default: adapts to how long they take. */
  chunksize?: number | undefined;
  /** True: results are those of `Promise.allSettled`, so one bad item costs one item. Default: false. */
  settled?: boolean | undefined;
  /**
   * Told how far the job is, at most once a chunk. If it throws, the call rejects with that; a promise it returns is not waited
   * for.
   */
  onProgress?: OnProgress | undefined;
}

/** Options of `map` and `starmap`. */
export interface MapOptions extends ChunkOptions {
  /** True: the first failure drops what has not begun. Default: the rest still runs. Not together with `settled`. */
  stopOnError?: boolean | undefined;
}

/** Options of `mapAsync` and `starmapAsync`. */
export interface AsyncMapOptions<R> extends MapOptions, Callbacks<R> {}

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions extends ChunkOptions {
  /**
   * Items taken and not yet yielded, at most. Left out, it adapts from its default: it grows while tasks are tiny, to 4,096 if that
   * is more, and shrinks back when reading takes long.
   * Default: 16 × `processes` × `concurrency`, times a `chunksize` that is given.
   */
  buffersize?: number | undefined;
}

/**
 * Throws when the value is not what it should be; returns it as the pool uses it: a path for a file URL, a callback bound to the
 * caller's async context.
 */
type Reading = (name: string, value: unknown) => unknown;
type Readings<Options> = Readonly<Record<keyof Options, Reading>>;

const wholeFrom =
  (least: number, words?: string): Reading =>
  (name, value) => {
    const expectation = `a whole number from ${least} up`;
    if (typeof value !== 'number') throw new TypeError(expected(name, expectation, value));
    if (value >= least && (Number.isInteger(value) || value === Infinity)) return value;
    throw new RangeError(`${words === undefined ? '' : `${words}. `}${expected(name, expectation, value)}`);
  };

const finiteFrom =
  (least: number, words?: string): Reading =>
  (name, value) => {
    if (value === Infinity) throw new RangeError(expected(name, 'a finite number', value));
    return wholeFrom(least, words)(name, value);
  };

const millisecondsFrom =
  (least: 'zero' | 'above zero'): Reading =>
  (name, value) => {
    const expectation = `a number of ms ${least === 'zero' ? 'from 0 up' : 'above 0'}`;
    if (typeof value !== 'number') throw new TypeError(expected(name, expectation, value));
    if (least === 'zero' ? value >= 0 : value > 0) return value;
    throw new RangeError(expected(name, expectation, value));
  };

const finiteNumber: Reading = (name, value) => {
  if (typeof value !== 'number') throw new TypeError(expected(name, 'a number', value));
  if (!Number.isFinite(value)) throw new RangeError(expected(name, 'a finite number', value));
  return value;
};

const typed =
  (expectation: string, fits: (value: unknown) => boolean): Reading =>
  (name, value) => {
    if (!fits(value)) throw new TypeError(expected(name, expectation, value));
    return value;
  };

const callable = typed('a function', (value) => typeof value === 'function');
/** Binds it to the async context of the call: the message that triggers it has that of whoever started the worker. */
const listener: Reading = (name, value) => {
  const listen = callable(name, value) as (...heard: unknown[]) => unknown;
  const context = new AsyncResource('forkpool');
  return (...heard: unknown[]): unknown => context.runInAsyncScope(listen, undefined, ...heard);
};
const boolean = typed('true or false', (value) => typeof value === 'boolean');
const list = typed('an array', Array.isArray);
const texts = typed(
  'an array of strings',
  (value) => Array.isArray(value) && value.every((flag) => typeof flag === 'string'),
);
const signal = typed('an AbortSignal', (value) => value instanceof AbortSignal || isSignal(value));
const environment: Reading = (name, value) => {
  const expectation = 'an object whose values are strings or undefined';
  if (!isRecord(value) || isEmptyInstance(value)) throw new TypeError(expected(name, expectation, value));
  for (const [key, variable] of Object.entries(value)) {
    if (variable !== undefined && typeof variable !== 'string')
      throw new TypeError(`${expected(name, expectation, variable)} for \`${key}\``);
  }
  return value;
};
/** Returns the path. Takes a URL of another realm, or of a polyfill, as Node does. */
const directory: Reading = (name, value) => {
  if (typeof value === 'string') return value;
  const expectation = 'a path or a file URL';
  if (!isRecord(value) || typeof value['href'] !== 'string') throw new TypeError(expected(name, expectation, value));
  try {
    return fileURLToPath(value['href']);
  } catch {
    throw new RangeError(expected(name, expectation, value['href']));
  }
};
const STREAMS = "'pipe', 'inherit', 'ignore' or an array of at most three such values, descriptors or streams";

const standardStreams: Reading = (name, given) => {
  const value = withoutChannel(given);
  if (typeof value !== 'string' && !Array.isArray(value)) throw new TypeError(expected(name, STREAMS, value));
  const all: unknown[] = Array.isArray(value) ? value : [value];
  const wrong = all.find((each) => !isStandardStream(each));
  if (wrong === undefined && all.length <= 3) return value;
  const isType = wrong !== undefined && typeof wrong !== 'string' && typeof wrong !== 'number';
  throw new (isType ? TypeError : RangeError)(expected(name, STREAMS, value));
};

/** Drops the 'ipc' that `fork` asks for: the code that forks a child adds its channel in any case. */
function withoutChannel(streams: unknown): unknown {
  return Array.isArray(streams) && streams.length === 4 && streams[3] === 'ipc' ? streams.slice(0, 3) : streams;
}

function isStandardStream(value: unknown): boolean {
  if (typeof value === 'string') return /^(?:pipe|overlapped|inherit|ignore)$/.test(value);
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0;
  return value == null || isRecord(value);
}

const ofTask = {
  timeout: millisecondsFrom('above zero'),
  retries: wholeFrom(0),
  signal,
  priority: finiteNumber,
  onReport: listener,
};
const ofChunks = {
  ...ofTask,
  chunksize: finiteFrom(1, 'Chunksize must be 1+'),
  settled: boolean,
  onProgress: listener,
};
const ofCallbacks = { callback: listener, errorCallback: listener };
const ofMap = { ...ofChunks, stopOnError: boolean };

const READINGS = {
  pool: {
    processes: finiteFrom(1, 'Number of processes must be at least 1'),
    maxtasksperchild: wholeFrom(1, 'maxtasksperchild must be a positive int'),
    initializer: typed('a function (initializer must be a callable)', (value) => typeof value === 'function'),
    initargs: list,
    finalizer: callable,
    maxMemoryPerChild: wholeFrom(1),
    concurrency: finiteFrom(1),
    timeout: ofTask.timeout,
    retries: ofTask.retries,
    minProcesses: finiteFrom(0),
    idleTimeout: millisecondsFrom('zero'),
    gracePeriod: millisecondsFrom('zero'),
    startTimeout: millisecondsFrom('above zero'),
    env: environment,
    cwd: directory,
    execArgv: texts,
    stdio: standardStreams,
    resourceLimits: typed('an object, as for `worker_threads`', isRecord),
  },
  apply: ofTask,
  applyAsync: { ...ofTask, ...ofCallbacks },
  map: ofMap,
  mapAsync: { ...ofMap, ...ofCallbacks },
  imap: { ...ofChunks, buffersize: finiteFrom(1) },
} satisfies {
  // An option that is added to an interface and not read here does not compile.
  pool: Readings<PoolOptions>;
  apply: Readings<TaskOptions>;
  applyAsync: Readings<AsyncTaskOptions<unknown>>;
  map: Readings<MapOptions>;
  mapAsync: Readings<AsyncMapOptions<unknown>>;
  imap: Readings<ImapOptions>;
};

const NO_OPTIONS: Readonly<Record<string, unknown>> = Object.freeze({});

/** Checks options as they were given: undefined counts as left out, and unknown names are refused. */
function checked(of: keyof typeof READINGS, options: unknown): Readonly<Record<string, unknown>> {
  if (options === undefined) return NO_OPTIONS;
  if (!isRecord(options)) throw new TypeError(expected('options', 'an object', options));
  const readings: Record<string, Reading> = READINGS[of];
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(readings, name));
  if (unknown !== undefined) throw new TypeError(unknownOption(unknown, of, Object.keys(readings)));
  const result: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readings)) {
    if (options[name] !== undefined) result[name] = read(name, options[name]);
  }
  return result;
}

function unknownOption(name: string, of: string, known: readonly string[]): string {
  return `Unknown option \`${name}\` of \`${of}\`. Known are ${known.join(', ')}`;
}

/** Called before values are checked: which pool has an option says more than what is wrong with its value. */
function refuse(given: unknown, refused: Readonly<Record<string, string>>): void {
  if (!isRecord(given)) return;
  for (const [name, other] of Object.entries(refused)) {
    if (given[name] !== undefined) throw new TypeError(`This pool has no option \`${name}\`. ${other} has it`);
  }
}

/** Python's pool has its initializer as the second argument, and a program without types may give it here. */
export function refuseSecondArgument(second: unknown): never {
  const options = 'A pool has one argument, its options, as in `new Pool({ processes: 4, initializer })`';
  throw new TypeError(`${options}, got a second one: ${show(second)}`);
}

/** A pool's options with all defaults filled in. */
export type ResolvedPoolOptions = ReturnType<typeof poolOptions>;

/** `refused`: options that this kind of pool does not have, and the pool that does. */
export function poolOptions(given: number | PoolOptions | undefined, refused: Readonly<Record<string, string>>) {
  refuse(given, refused);
  const options = checked('pool', typeof given === 'number' ? { processes: given } : given) as PoolOptions;
  const processes = options.processes ?? parallelism();
  const minProcesses = options.minProcesses ?? processes;
  if (minProcesses > processes) {
    throw new RangeError(expected('minProcesses', `at most \`processes\` (${processes})`, minProcesses));
  }
  const { env, cwd, execArgv, stdio, resourceLimits, initializer, finalizer } = options;
  return {
    env,
    // `directory` has made it a path.
    cwd: cwd as string | undefined,
    execArgv,
    stdio,
    resourceLimits,
    initializer,
    finalizer,
    processes,
    minProcesses,
    initargs: (options.initargs ?? []) as readonly unknown[],
    maxtasksperchild: options.maxtasksperchild ?? Infinity,
    maxMemoryPerChild: options.maxMemoryPerChild ?? Infinity,
    concurrency: options.concurrency ?? 1,
    timeout: options.timeout ?? Infinity,
    retries: options.retries ?? 0,
    idleTimeout: options.idleTimeout ?? Infinity,
    gracePeriod: options.gracePeriod ?? 1000,
    startTimeout: options.startTimeout ?? 30_000,
  };
}

export function applyOptions(given: unknown): TaskOptions {
  return checked('apply', given);
}

export function applyAsyncOptions(given: unknown): AsyncTaskOptions<unknown> {
  return checked('applyAsync', given);
}

export function mapOptions(given: unknown): MapOptions {
  return withoutContradiction(checked('map', orChunksize(given)));
}

export function mapAsyncOptions(given: unknown): AsyncMapOptions<unknown[]> {
  return withoutContradiction(checked('mapAsync', orChunksize(given)));
}

export function imapOptions(given: unknown): ImapOptions {
  return checked('imap', orChunksize(given));
}

/** The list of arguments of `apply`, which may be left out. */
export function checkArgs(args: unknown): readonly unknown[] {
  if (args === undefined) return [];
  if (!Array.isArray(args)) throw new TypeError(expected('args', 'an array of arguments', args));
  return args;
}

/** A number in place of the options is `chunksize`, as in Python. */
function orChunksize(given: unknown): unknown {
  return typeof given === 'number' ? { chunksize: given } : given;
}

function withoutContradiction(options: MapOptions): MapOptions {
  if (options.settled === true && options.stopOnError === true) {
    throw new TypeError('`settled` and `stopOnError` exclude each other: keep one of them');
  }
  return options;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Such as a Map: its contents are not properties, so none would be used. `process.env` is not a plain object, but passes. */
function isEmptyInstance(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null || value === process.env;
  return !isPlain && Object.keys(value).length === 0;
}

/** An AbortSignal of another realm or of a polyfill. */
function isSignal(value: unknown): boolean {
  return isRecord(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function';
}
