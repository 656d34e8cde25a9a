import { errorText } from '../errors.js';
import { PoolError, WorkerLostError, type TaskFunction } from '../index.js';
import { withPool, type Setup } from './one-pool.js';

/** A turn of one at a time that broke. */
export interface BrokenTurn {
  readonly error: unknown;
  readonly tookMs: number;
  readonly fn: TaskFunction<[unknown], unknown>;
  readonly items: readonly unknown[];
  readonly nameOf: (at: number) => string;
}

/** What broke it, in words that help. Errors that keep workers from starting, or items from travelling, stay as they are. */
export async function explained(turn: BrokenTurn, setup: Setup): Promise<unknown> {
  const { error, nameOf } = turn;
  if (error instanceof WorkerLostError) {
    const at = await itemThatKills(turn, setup);
    const which = at === undefined ? 'one of the items' : nameOf(at);
    const text = `One at a time, the task of ${which} ended its process; leave such items out. ${errorText(error)}`;
    return new PoolError(text, 'ERR_COMPARE', { cause: error });
  }
  const isLate = error instanceof PoolError && error.code === 'ERR_COMPARE';
  return isLate ? new PoolError(`One at a time: ${error.message}`, error.code, { cause: error }) : error;
}

/** The search may take this many times as long as the turn did, and a little longer for the start. */
const SEARCH_TIMES = 2;
const LEAST_SEARCH_MS = 2000;

/**
 * The item's index. One at a time is one long task, whose end does not say how far it came; here each item is a task. Undefined
 * if none ends its worker in time: it may take several, or chance.
 */
async function itemThatKills({ fn, items, tookMs }: BrokenTurn, setup: Setup): Promise<number | undefined> {
  const limitMs = Math.min(setup.limitMs, LEAST_SEARCH_MS + SEARCH_TIMES * tookMs);
  const looking = withPool({ pool: 'process', processes: 1, concurrency: 1 }, { ...setup, limitMs }, async (pool) => {
    for (const [at, item] of items.entries()) {
      const [outcome] = await Promise.allSettled([pool.apply(fn, [item])]);
      if (outcome.status === 'rejected' && outcome.reason instanceof WorkerLostError) return at;
    }
    return undefined;
  });
  return looking.catch(() => undefined);
}
