export { Pool, type IndexedSettledResult, type PoolStats, type TaskFunction } from './pool.js';
export { ThreadPool } from './thread-pool.js';
export { AsyncPool } from './async-pool.js';
export type { Transferable } from './wire/moves.js';
export { transfer } from './wire/transfer.js';
export { AsyncResult } from './async-result.js';
export type { IMapIterator } from './jobs/imap.js';
export type { Items } from './jobs/items.js';
export type { OnProgress, OnReport, Progress } from './jobs/user-job.js';
export type {
  AsyncMapOptions,
  AsyncTaskOptions,
  ImapOptions,
  MapOptions,
  PoolOptions,
  TaskOptions,
} from './options.js';
export { tasksFrom, type TaskModule } from './references/tasks-from.js';
export { currentTask, currentWorker, type CurrentTask, type CurrentWorker } from './wire/current.js';
export { taskOf, type TaskIdentity } from './task-of.js';
export {
  InitializerError,
  PoolClosedError,
  PoolError,
  PoolTerminatedError,
  SerializationError,
  TaskNotFoundError,
  TaskTimeoutError,
  TimeoutError,
  WorkerLostError,
  WorkerStartError,
  type Direction,
  type WorkerEnd,
} from './errors.js';
export type { Diagnostics } from './diagnostics.js';
export type { HistogramSummary } from './executor.js';
