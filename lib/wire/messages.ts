import type { AsyncResource } from 'node:async_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { Values } from './values.js';
import type { ThrownRecord } from './thrown.js';
import type { WORKER_ARGUMENT } from './current.js';
import type { Reference } from './reference.js';

/**
 * Everything that passes between a master and a worker. Each task that a worker is given has a number, counted from 1
 * in each worker without a gap: `TaskNumber`. Tasks start in the order of their numbers, so one number, "all up to
 * here may have begun", says which tasks certainly had not when the worker died (see `marks.ts`).
 */
export type TaskNumber = number;

/**
 * Tasks shorter than this are tiny; ms. They compute, since waiting for anything takes longer. A worker marks and answers several
 * together: a mark costs 1 µs, a message about 20 µs on both sides.
 */
export const TINY_MS = 0.02;

/** A message down to a worker. */
export type Command =
  | { readonly type: 'initialise'; readonly setup: WorkerSetup }
  | RunCommand
  | { readonly type: 'abort'; readonly task: TaskNumber; readonly reason: unknown }
  /** The worker is too large, but must run what it holds: nobody else can, since the arguments have moved to it. */
  | { readonly type: 'resume' }
  | { readonly type: 'retire' };

/** Tasks for the worker to run. */
export interface RunCommand {
  readonly type: 'run';
  /** Functions of these tasks that the worker does not know yet. */
  readonly functions: readonly FunctionDefinition[];
  readonly chunks: readonly ChunkMessage[];
}

/** What a thread is given at its start, as `workerData`. */
export interface ThreadData {
  readonly argument: typeof WORKER_ARGUMENT;
  readonly marks: SharedArrayBuffer;
  readonly port: MessagePort;
  /** Variables it must not have. Node sets those of an `--env-file` again in a thread, over what `env` says. */
  readonly unset: readonly string[];
}

/** What a worker must know before its first task. */
export interface WorkerSetup {
  readonly id: number;
  readonly kind: WorkerKind;
  /** The URL of the master's main script: a worker that imports it must not start a pool. */
  readonly main: string | undefined;
  readonly concurrency: number;
  readonly initializer: Reference | undefined;
  readonly initargs: readonly unknown[];
  readonly finalizer: Reference | undefined;
  /** Bytes of memory beyond which it begins nothing more, and waits for the master's word; undefined for no limit. */
  readonly memoryLimit: number | undefined;
}

export type WorkerKind = 'process' | 'thread' | 'async';

/**
 * A function is sent to each worker once, and after that its number stands for it, until this many others have been sent. Then
 * both sides forget the number, since a program may make functions without end.
 */
export const MOST_FUNCTIONS = 1000;

export interface FunctionDefinition {
  readonly id: number;
  readonly reference: Reference;
}

/** Tasks of one job, or of several single calls, that travel together. The task at `items[n]` has the number `first + n`. */
export interface ChunkMessage {
  readonly first: TaskNumber;
  readonly functionId: number;
  /** The index of the first item in its job; undefined when each is a job of its own. */
  readonly index: number | undefined;
  readonly attempt: number;
  /** True when each item is a whole list of arguments; false when it is the one argument. */
  readonly spread: boolean;
  /** True when each task must be marked by itself and its outcome sent before the next one starts. */
  readonly exact: boolean;
  /** True when the master wants to hear of each start, to count a time limit from it. */
  readonly timed: boolean;
  readonly items: Values;
  /** The caller's async context, for a worker in the same program. */
  readonly context?: AsyncResource;
}

/** A message up from a worker. */
export type Report = StartReport | TaskReport;

/** How its start goes. */
export type StartReport =
  | { readonly type: 'online' }
  | { readonly type: 'initialised' }
  | { readonly type: 'failed'; readonly error: ThrownRecord };

/** How its tasks go, and whether it can go on. */
export type TaskReport =
  | { readonly type: 'started'; readonly task: TaskNumber }
  | { readonly type: 'settled'; readonly runs: readonly OutcomeRun[]; readonly memory?: number }
  | { readonly type: 'reported'; readonly task: TaskNumber; readonly value: unknown }
  | { readonly type: 'declined'; readonly from: TaskNumber; readonly to: TaskNumber }
  /** The worker is about to die, in this task and of this error, as far as they are known. */
  | { readonly type: 'dying'; readonly task: TaskNumber | undefined; readonly error?: ThrownRecord }
  /** The worker could not read a command, and has dropped it. */
  | { readonly type: 'garbled'; readonly error: ThrownRecord; readonly last: TaskNumber }
  /**
   * An error came from no running task: the worker should go when its running tasks are done. `error` is given only if it came
   * from no task at all, nor the module of one, but from the initializer or an unknown source.
   */
  | { readonly type: 'unsound'; readonly error?: ThrownRecord };

/** Outcomes of tasks with consecutive numbers. `values[n]` is of task `first + n`, unless `errors` names n. */
export interface OutcomeRun {
  readonly first: TaskNumber;
  readonly values: Values;
  /** Position in `values`, and what was thrown there. */
  readonly errors: readonly (readonly [number, ThrownRecord])[];
  /** How long the tasks of the run took together, in ms. */
  readonly ms: number;
  /** In the worker: true when each task is a job of its own. */
  readonly separate?: boolean;
  /** In the worker, for a group: the number of the first task of its chunk. */
  readonly chunk?: TaskNumber;
}
