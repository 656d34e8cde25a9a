import { endOf, InitializerError, lastLines, messageOf, WorkerStartError, type WorkerEnd } from '../../errors.js';
import type { ReplaceReason } from '../../executor.js';
import type { WorkerState } from '../lifecycle.js';
import type { PoolWorker } from '../pool-worker.js';

/** Why a worker ended before it was ready; undefined if it had been ready. */
export function startErrorOf(
  state: WorkerState,
  worker: PoolWorker,
  end: WorkerEnd,
  startError: unknown,
): Error | undefined {
  const cause = startError ?? worker.dyingError?.error ?? end.cause;
  const options = cause === undefined ? undefined : { cause };
  if (startError !== undefined)
    return new WorkerStartError(`A worker could not be started: ${messageOf(startError)}`, options);
  if (state.is === 'initialising')
    return new InitializerError(`${endOf(end)} in the initializer${lastLines(end)}`, options);
  if (state.is === 'spawning' || state.is === 'loaded')
    return new WorkerStartError(`${endOf(end)} before it was ready${lastLines(end)}`, options);
  return undefined;
}

/** Why a worker was killed before it was ready: it could not be understood. */
export function garbledStartOf(state: WorkerState, cause: unknown): Error {
  const options = { cause };
  return state.is === 'initialising'
    ? new InitializerError(`The initializer broke its worker: ${messageOf(cause)}`, options)
    : new WorkerStartError(`A worker could not be started: ${messageOf(cause)}`, options);
}

/** Why a worker was not ready in time. */
export function tooLateErrorOf(state: WorkerState, startTimeout: number): Error {
  const time = `within \`startTimeout\` (${startTimeout} ms). Raise it, or`;
  return state.is === 'initialising'
    ? new InitializerError(`The initializer was not done ${time} do less in the initializer`)
    : new WorkerStartError(`A worker was not ready ${time} see what holds up the start: preloads, a busy machine`);
}

/** Why a worker failed that had said it was ready: an error came from no task, before its first answer. */
export function lateErrorOf(cause: unknown, hasInitializer: boolean): Error {
  const options = { cause };
  return hasInitializer
    ? new InitializerError(`The initializer left behind what failed: ${messageOf(cause)}`, options)
    : new WorkerStartError(`A worker had an error before its first task: ${messageOf(cause)}`, options);
}

/** How `stats().replaced` counts an end; undefined if the worker was no longer wanted. */
export function reasonOf(state: WorkerState): ReplaceReason | undefined {
  if (state.is !== 'retiring') return 'died';
  const { because } = state;
  return because === 'idle' || because === 'closing' || because === 'terminated' ? undefined : because;
}
