import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskNumber, WorkerKind } from './messages.js';

/** What a running task can know of itself, by `currentTask()`. */
export interface CurrentTask {
  /** Its place in the input; 0 for `apply`. */
  readonly index: number;
  /** 1, and one more each time the task is run again because its worker died. */
  readonly attempt: number;
  /** Aborted when the task has passed its `timeout` or its caller has given up; `signal.reason` says why. */
  readonly signal: AbortSignal;
  /** Sends a value to the caller's `onReport`, before the outcome. Throws SerializationError for one that cannot be copied. */
  report(value: unknown): void;
}

/** What code in a worker can know of its worker, by `currentWorker()`. */
export interface CurrentWorker {
  /** Counted from 1 in each pool; a replacement gets a number of its own. 0 in a preload, which runs before it has one. */
  readonly id: number;
  /** `'process'`, `'thread'` or `'async'`. */
  readonly kind: WorkerKind;
  /** Of the process that it is, or is in. */
  readonly pid: number;
  /** How many tasks it has begun, this one included. */
  readonly tasks: number;
}

/** What runs in an async context: a task of a worker, its initializer or finalizer, or a module that it imports for these. */
export interface Running {
  /** Undefined while a module is imported: work that it begins is no task's, and outlives a worker that is this program. */
  readonly worker: CurrentWorker | undefined;
  readonly task: CurrentTask | undefined;
  readonly importing?: true;
  /** The task that the module is imported for, if any. */
  readonly importedFor?: TaskNumber | undefined;
}

interface Here {
  readonly running: AsyncLocalStorage<Running>;
  /** The worker that this whole process or thread is. */
  worker: CurrentWorker | undefined;
  /** The main script of the master, or of the master's master: it must not run as a program here. */
  main: string | undefined;
  importedMain: boolean;
}

/** Ends the file name of a main script's function that was sent as its text. */
export const TEXT_MARK = '#text';

/** The first argument of a child, and in the data of a thread: it identifies a worker before its entry has run. */
export const WORKER_ARGUMENT = 'forkpool-worker';

/**
 * What this thread is. One for each, however many copies of this package it loads: task code may find another copy than the worker's.
 */
const KEY = Symbol.for('forkpool.place');
const shared = globalThis as unknown as Record<symbol, Here | undefined>;
export const here: Here = (shared[KEY] ??= {
  running: new AsyncLocalStorage(),
  worker: starting(),
  main: undefined,
  importedMain: false,
});

/** The worker that is being started here, for preloads (`--import`, `--require`): its entry, which knows more, runs later. */
function starting(): CurrentWorker | undefined {
  const kind = process.argv[2] === WORKER_ARGUMENT ? 'process' : isThreadOfOurs() ? 'thread' : undefined;
  return kind && { id: 0, kind, pid: process.pid, tasks: 0 };
}

/** Not imported: a forked child needs none of it, and would start later. */
function isThreadOfOurs(): boolean {
  const { isMainThread, workerData } = process.getBuiltinModule('node:worker_threads');
  return !isMainThread && (workerData as { readonly argument?: unknown } | null)?.argument === WORKER_ARGUMENT;
}

/**
 * In a task: its index, attempt, signal and `report`; undefined elsewhere.
 *
 * @example
 * const response = await fetch(url, { signal: currentTask()?.signal });
 */
export function currentTask(): CurrentTask | undefined {
  return here.running.getStore()?.task;
}

/**
 * In a worker: its id, kind, pid and number of tasks; undefined in the master. So it guards the program of a main script
 * whose functions are tasks.
 *
 * @example
 * if (!currentWorker()) await main();
 */
export function currentWorker(): CurrentWorker | undefined {
  return here.running.getStore()?.worker ?? here.worker;
}
