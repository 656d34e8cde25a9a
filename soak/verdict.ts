import { InitializerError, PoolError, taskOf, TaskTimeoutError, WorkerLostError, WorkerStartError } from 'forkpool';
import type { Item } from './tasks.js';

export type Outcome = PromiseSettledResult<unknown>;

/** What a job promises of the deaths of its workers. */
export interface Terms {
  readonly pool: string;
  readonly retries: number;
  /** One task at a time: only its own doing or the killer can end its worker. */
  readonly alone: boolean;
  /** And each with a mark of its own: then a death has one suspect. */
  readonly exact: boolean;
  /** The reason of a signal that may have ended the job's tasks. */
  readonly reason: unknown;
}

/** What a task came to, in a word; or what was promised and not kept. */
export type Verdict = { readonly kept: string } | { readonly broken: string };

export function judge(item: Item, outcome: Outcome | undefined, terms: Terms): Verdict {
  if (outcome === undefined) return { broken: `task ${item.id} (${item.fate}) has no outcome` };
  if (outcome.status === 'fulfilled') return ofValue(item, outcome.value);
  const { reason } = outcome as { reason: unknown };
  if (terms.reason !== undefined && reason === terms.reason) return { kept: 'aborted' };
  if (reason instanceof WorkerLostError) return ofLost(item, reason, terms);
  return ofError(item, reason);
}

function ofValue({ id, fate }: Item, value: unknown): Verdict {
  const wrong = { broken: `task ${id} (${fate}) has a wrong value` };
  if (fate === 'value' || fate === 'slow value') return value === id ? { kept: 'fulfilled' } : wrong;
  if (fate !== 'large value') return wrong;
  const { id: named, bytes } = value as { id: number; bytes: Buffer };
  return named === id && bytes.equals(Buffer.alloc(300_000, id % 256)) ? { kept: 'fulfilled' } : wrong;
}

/** Its worker died: of itself, or by the killer. */
function ofLost({ id, fate }: Item, error: WorkerLostError, { alone, exact, pool, retries }: Terms): Verdict {
  const { exitCode, signal, suspects, cause } = error;
  const broken = (what: string): Verdict => ({ broken: `task ${id} (${fate}) in ${pool}: ${what}` });
  if (exact && suspects !== 1) return broken(`marked alone, and ${suspects} suspects`);
  if (suspects > 256) return broken(`${suspects} suspects`);
  const attempt = taskOf(error)?.attempt;
  if (attempt !== retries + 1) return broken(`given up after attempt ${attempt} of ${retries + 1}`);
  if (signal === 'SIGKILL') return { kept: 'lost: killed' };
  if (!alone) return { kept: 'lost: with the one that ended its worker' };
  if (fate === 'exit' && exitCode === 3) return { kept: 'lost: process.exit' };
  if (fate === 'uncaught' && cause instanceof TypeError && cause.message === `uncaught of ${id}`) {
    return { kept: 'lost: an uncaught error' };
  }
  return broken(`lost for no reason of its own (${error.message})`);
}

function ofError({ id, fate }: Item, error: unknown): Verdict {
  const { name, message, code } = error as { name?: string; message?: string; code?: string };
  const thrown = name === 'RangeError' && message === `thrown by ${id}`;
  if ((fate === 'throw' || fate === 'reject') && thrown) return { kept: 'threw' };
  if (fate === 'unsendable' && code === 'ERR_SERIALIZATION') return { kept: 'could not be sent' };
  if (fate === 'late' && error instanceof TaskTimeoutError) return { kept: 'timed out' };
  return { broken: `task ${id} (${fate}) has the error of another: ${String(error)}` };
}

/** Errors that end a whole pool: here nothing should. */
export function isPoolsEnd(error: unknown): boolean {
  return (
    error instanceof WorkerStartError ||
    error instanceof InitializerError ||
    (error instanceof PoolError && error.code.startsWith('ERR_POOL'))
  );
}
