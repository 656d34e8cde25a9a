import type { AsyncResource } from 'node:async_hooks';
import type { Values } from './wire/values.js';
import type { Reference } from './wire/reference.js';

/**
 * SEAM. An executor turns tasks into outcomes somehow: with workers on this machine, or with a queue that many
 * machines serve. Tasks go down to it as chunks that it takes from jobs; outcomes come up as calls on the job.
 */
export interface Executor {
  /** The job has tasks that wait. Called at its start, and again when there are more after `take` had run dry. */
  submit(job: Job): void;
  /** The job is not open any more: takes back its tasks that have not begun, and says so by `withdrawn`. */
  withdraw(job: Job): void;
  /** Withdraws, and stops running tasks, which are rejected with the reason at once. */
  abort(job: Job, reason: unknown): void;
  /** Resolves when the least number of workers is initialised; rejects with the error that broke the executor. */
  ready(): Promise<void>;
  /** Lets every worker leave in an orderly way; resolves when all are gone. Called when no task is left. */
  close(): Promise<void>;
  /** Ends every worker now; resolves when all are gone. What was pending has been settled by its jobs. */
  terminate(): Promise<void>;
  stats(): ExecutorStats;
}

/** One call of the user, as an executor sees it: a supply of tasks, and the place where their outcomes go. */
export interface Job {
  readonly call: Call;
  /** Whether its tasks may still begin. */
  readonly open: boolean;
  /** Tasks that wait and can be taken now; Infinity for an input whose length nobody knows. */
  readonly waiting: number;
  /** The next tasks, at most `limit` of them; undefined when none can be taken now. */
  take(limit: number): Chunk | undefined;
  /** Tasks with consecutive indices answered with values. */
  fulfilled(firstIndex: number, values: Values): void;
  rejected(index: number, error: unknown): void;
  /** `count` tasks that were taken will not be run, since the job is not open any more. */
  withdrawn(count: number): void;
  /** There is progress to tell: all tasks of a chunk have answered, or some will not. */
  progressed(): void;
  /** A running task sent a value to its caller. */
  reported(index: number, attempt: number, value: unknown): void;
  /** Names one of its tasks for the user. */
  place(index: number): TaskPlace;
}

/** Identifies a task for the user. */
export interface TaskPlace {
  /** The number of its job: counted from 1 in each program. */
  readonly job: number;
  /** Its place in the input; 0 for `apply`. */
  readonly index: number;
}

/** What all tasks of a job have in common. */
export interface Call {
  readonly reference: Reference;
  /** True when an item is a list of arguments; false when it is the only argument. */
  readonly spread: boolean;
  /** True when the job is one task; all such jobs share one turn in the queue. */
  readonly single: boolean;
  readonly priority: number;
  /** ms from a task's start; Infinity is none. */
  readonly timeout: number;
  /** How often a task runs again when its worker died. */
  readonly retries: number;
  /** Tasks in a chunk; undefined lets the executor adapt it. */
  readonly chunksize: number | undefined;
  /** True when the tasks can be stopped one by one, so each must be told apart: a signal was given. */
  readonly abortable: boolean;
  /** The async context of the caller, in which the tasks run if there is no wall between them. */
  readonly context?: AsyncResource;
}

/** The priority of calls that name none. */
export const DEFAULT_PRIORITY = 0;

/** Tasks of one job that travel together; the task at `items[n]` has the index `index + n` in its job. */
export interface Chunk {
  readonly job: Job;
  readonly index: number;
  /** Counted from 1. */
  readonly attempt: number;
  readonly items: Values;
  /** When the tasks began to wait, by `now()`. */
  readonly since: number;
}

export interface ExecutorStats {
  readonly workers: {
    readonly starting: number;
    readonly ready: number;
    readonly busy: number;
    readonly retiring: number;
  };
  readonly running: number;
  /** Tasks taken from their jobs, and not begun: sent ahead, or given back. */
  readonly held: number;
  readonly completed: number;
  readonly failed: number;
  readonly replaced: Readonly<Record<ReplaceReason, number>>;
  readonly waitTime: HistogramSummary;
  readonly runTime: HistogramSummary;
  readonly utilization: number;
}

/** Why a worker was replaced. */
export type ReplaceReason = 'maxtasksperchild' | 'maxMemoryPerChild' | 'timeout' | 'aborted' | 'died' | 'startFailed';

/** A distribution of times in ms. All but `count` are 0 when it is empty. Percentiles are right to within 4.5 %. */
export interface HistogramSummary {
  /** How many times were recorded. */
  readonly count: number;
  /** The average. */
  readonly mean: number;
  /** The median. */
  readonly p50: number;
  /** The 90th percentile. */
  readonly p90: number;
  /** The 99th percentile. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}
