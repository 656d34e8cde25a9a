import { inspect, type InspectOptions } from 'node:util';

/** The base of every error that the library itself raises. `code` never changes; the text may. */
export class PoolError extends Error {
  override readonly name: string = 'PoolError';
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A wait ended before its result came. Nothing was stopped: the task goes on, and its result can be got later. */
export class TimeoutError extends PoolError {
  override readonly name: string = 'TimeoutError';

  constructor(message: string, code = 'ERR_TIMEOUT') {
    super(message, code);
  }
}

/** A task was stopped because it ran for longer than its `timeout`. */
export class TaskTimeoutError extends TimeoutError {
  override readonly name = 'TaskTimeoutError';

  constructor(timeout: number) {
    super(`The task was stopped: it ran for longer than its timeout of ${timeout} ms`, 'ERR_TASK_TIMEOUT');
  }
}

/** How a worker came to its end. */
export interface WorkerEnd {
  /** Process id; undefined if there is no process. */
  readonly pid: number | undefined;
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`; null when it exited by itself. */
  readonly signal: string | null;
  /** True when V8 or the kernel's memory control said that memory ran out. */
  readonly outOfMemory: boolean;
  /** The last lines that the worker wrote to stderr; empty if they are not kept. */
  readonly stderr: readonly string[];
  /** The error that nobody caught, if one ended it. */
  readonly cause?: unknown;
}

/**
 * The worker died while it ran this task, or may have been running it. `retries` runs such a task again.
 *
 * @example
 * if (error instanceof WorkerLostError) console.error(error.signal ?? error.exitCode, error.stderr.join('\n'));
 */
export class WorkerLostError extends PoolError implements WorkerEnd {
  override readonly name = 'WorkerLostError';
  /** Process id; undefined if there is no process. */
  readonly pid: number | undefined;
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`; null when it exited by itself. */
  readonly signal: string | null;
  /** True when V8 or the kernel's memory control said that memory ran out. */
  readonly outOfMemory: boolean;
  /** How many tasks share the blame: 1 when the worker certainly died in this one. */
  readonly suspects: number;
  /** The last lines that the worker wrote to stderr; empty if they are not kept. */
  readonly stderr: readonly string[];

  constructor(end: WorkerEnd, suspects: number) {
    const shared = suspects > 1 ? `, as one of ${suspects} that it may have died in` : '';
    super(`${endOf(end)} while it ran this task${shared}${lastLines(end)}`, 'ERR_WORKER_LOST', causeOf(end));
    this.pid = end.pid;
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.outOfMemory = end.outOfMemory;
    this.suspects = suspects;
    this.stderr = end.stderr;
  }
}

/** A worker could not be started: fork failed, or it was not ready in time and its initializer had not begun. */
export class WorkerStartError extends PoolError {
  override readonly name = 'WorkerStartError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_WORKER_START', options);
  }
}

/** The initializer threw, ended its worker, or was not done within `startTimeout`. */
export class InitializerError extends PoolError {
  override readonly name = 'InitializerError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_INITIALIZER', options);
  }
}

/** Which way a value was going when it could not be copied. */
export type Direction = 'argument' | 'result' | 'thrown' | 'report' | 'initargs';

/** A value could not be copied to or from a worker. `path` says where in it, such as `args[0].db.socket`. */
export class SerializationError extends PoolError {
  override readonly name = 'SerializationError';
  /** Which way it was going. */
  readonly direction: Direction;
  /** The innermost place that is to blame. */
  readonly path: string;

  constructor(direction: Direction, path: string, reason: string, options?: ErrorOptions) {
    // V8 ends what it says with a full stop.
    const sentence = `Cannot copy ${path} (${WHAT_IS_COPIED[direction]}): ${reason}`.replace(/\.$/, '');
    super(`${sentence}. ${CURES[direction]}`, 'ERR_SERIALIZATION', options);
    this.direction = direction;
    this.path = path;
  }
}

const WHAT_IS_COPIED: Record<Direction, string> = {
  argument: 'an argument of the task',
  result: 'what the task returned',
  thrown: 'what the task threw',
  report: 'what the task reported',
  initargs: 'an argument of the initializer',
};
const CURES: Record<Direction, string> = {
  argument: 'Send plain data; open connections and the like in the initializer',
  result: 'Return plain data',
  thrown: 'Throw an error that holds plain data',
  report: 'Report plain data',
  initargs: 'Give plain data; open connections and the like in the initializer itself',
};

/** The task's function was not found: no such module, export or reference. `cause` is the import's own error. */
export class TaskNotFoundError extends PoolError {
  override readonly name = 'TaskNotFoundError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_TASK_NOT_FOUND', options);
  }
}

/** The pool takes no new work: it was closed or terminated. */
export class PoolClosedError extends PoolError {
  override readonly name = 'PoolClosedError';

  constructor() {
    super('Pool not running', 'ERR_POOL_CLOSED');
  }
}

/** The pool was terminated before the task was done. */
export class PoolTerminatedError extends PoolError {
  override readonly name = 'PoolTerminatedError';

  constructor() {
    super('The pool was terminated before this task was done', 'ERR_POOL_TERMINATED');
  }
}

/** All error classes: each error arrives on the other side of a wall as what it is. */
export const ERRORS = [
  PoolError,
  TimeoutError,
  TaskTimeoutError,
  WorkerLostError,
  WorkerStartError,
  InitializerError,
  SerializationError,
  TaskNotFoundError,
  PoolClosedError,
  PoolTerminatedError,
] as const;

/** `join()` before `close()` or `terminate()`: it would wait for ever. */
export function poolRunning(): PoolError {
  return new PoolError('Pool is still running', 'ERR_POOL_RUNNING');
}

/** `new Pool` in a worker, by a module it has imported: that would fork itself for ever. */
export function poolBootstrap(what: 'the main script of its master' | 'a module of its tasks'): PoolError {
  return startedAgain(`imported ${what}`, ', or move the task functions to a module of their own');
}

/** `new Pool` in a worker, by a preload. */
export function poolInPreload(): PoolError {
  return startedAgain('ran a preload (`--import`, `--require`)', '');
}

function startedAgain(what: string, cure: string): PoolError {
  return new PoolError(
    `A worker ${what}, and that started a pool again. Start it behind \`if (!currentWorker())\`${cure}`,
    'ERR_POOL_BOOTSTRAP',
  );
}

/** The sentence of every wrong option or argument: what was expected of it, and what was given. */
export function expected(name: string, expectation: string, given: unknown): string {
  return `Expected \`${name}\` to be ${expectation}, got ${show(given)}`;
}

/** A value as it is shown in a message: short, with its type. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const text = inspected(value, { depth: 0, maxArrayLength: 3, maxStringLength: 60, breakLength: Infinity });
  return `\`${text}\` (${typeof value})`;
}

/** A thrown value in words: the message of an error. Never throws, whatever tasks and initializers do. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return inspected(thrown, { depth: 0 });
  }
}

/** A value as Node prints it. The value's own code may run for this, and throw. */
export function inspected(value: unknown, options: InspectOptions = {}): string {
  try {
    return inspect(value, options);
  } catch {
    return 'a value that cannot be shown';
  }
}

/** "Worker 4711 was killed by SIGKILL", and so on. */
export function endOf(end: WorkerEnd): string {
  const worker = end.pid === undefined ? 'The worker' : `Worker ${end.pid}`;
  if (end.outOfMemory) return `${worker} ran out of memory`;
  if (end.cause !== undefined) return `${worker} died of an uncaught error (${oneLine(end.cause)})`;
  if (end.signal !== null) return `${worker} was killed by ${end.signal}`;
  if (end.exitCode !== null) return `${worker} exited with code ${end.exitCode}`;
  return `${worker} was lost`;
}

/** The first line of `errorText`. */
export function oneLine(error: unknown): string {
  return errorText(error).split('\n', 1)[0] ?? '';
}

/** The class and message of an error; whatever else was thrown, as Node prints it. Never throws. */
export function errorText(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  } catch {
    // Shown like anything else that may be thrown.
  }
  return inspected(error, { depth: 0, breakLength: Infinity });
}

/** What a worker wrote before its end, to be put behind a sentence; empty if it wrote nothing, or nothing was kept. */
export function lastLines(end: WorkerEnd): string {
  return end.stderr.length === 0 ? '' : `. The last lines of its stderr:\n${end.stderr.join('\n')}`;
}

function causeOf(end: WorkerEnd): ErrorOptions | undefined {
  return end.cause === undefined ? undefined : { cause: end.cause };
}
