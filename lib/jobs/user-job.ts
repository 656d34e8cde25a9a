import type { Executor, Job } from '../executor.js';
import type { TaskIdentity } from '../task-of.js';

/** A job as the pool that made it sees it. */
export interface UserJob extends Job {
  /** Its number: counted from 1 in each program. */
  readonly id: number;
  /** Its place in its pool's `PendingJobs`, which alone uses it. */
  seat: number;
  /** Waiting tasks that are known to exist: of an input of unknown length, those that it has given. */
  readonly known: number;
  /** It has tasks that run or can begin: the program must not end before them. */
  readonly busy: boolean;
  /** Gives the job up: waiting tasks never begin, and whoever waits for it gets the error. */
  fail(error: unknown): void;
  /** Its signal was aborted: as `fail`, and stops running tasks. */
  abort(reason: unknown): void;
}

let jobs = 0;

/** A number for a job. */
export function nextJobId(): number {
  return ++jobs;
}

/** What a job needs from its pool. */
export interface JobOwner {
  readonly executor: Executor;
  /** The job has become more or less busy. */
  changed(job: UserJob): void;
  /** The job has settled. Outcomes of tasks that still run will be dropped. */
  ended(job: UserJob, error?: unknown): void;
}

/** Called for each value that a task reports. */
export type OnReport = (value: unknown, task: Pick<TaskIdentity, 'index' | 'attempt'>) => unknown;

/** How far a map is. `done` includes `failed`; `total` is undefined until the length of the input is known. */
export interface Progress {
  /** Tasks that have answered, the failed ones included. */
  readonly done: number;
  /** Tasks that were rejected. */
  readonly failed: number;
  /** Items in all. */
  readonly total: number | undefined;
}

/** Called while a map goes on, at most once a chunk; last with `done === total`. */
export type OnProgress = (progress: Progress) => unknown;
