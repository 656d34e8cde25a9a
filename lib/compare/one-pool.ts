import pDefer from 'p-defer';
import { PoolError, type Pool } from '../index.js';
import type { Contender } from './comparison.js';
import { CLASSES } from './contender.js';
import type { CompareOptions } from './options.js';

/** What every pool of a comparison is made with, and when it must end. */
export interface Setup extends Pick<CompareOptions, 'initializer' | 'initargs' | 'finalizer' | 'signal'> {
  /** A pool that takes longer is ended: a task may wait for ever for what another pool never made it wait for. */
  readonly limitMs: number;
}

/**
 * Opens a pool, works with it, and leaves nothing of it, whatever happens: one pool is there at a time. `opened`: when its
 * constructor began, which is when the first worker is forked.
 */
export async function withPool<T>(
  contender: Contender,
  setup: Setup,
  work: (pool: Pool, opened: number) => Promise<T>,
): Promise<T> {
  setup.signal?.throwIfAborted();
  // Before there is a pool: if this throws, there is nothing to end.
  const giveUp = givingUp(setup);
  try {
    return await whileOpen(contender, setup, (pool, opened) => Promise.race([work(pool, opened), giveUp.given]));
  } finally {
    giveUp.cancel();
  }
}

async function whileOpen<T>(contender: Contender, setup: Setup, work: Parameters<typeof withPool<T>>[2]): Promise<T> {
  const opened = performance.now();
  const pool: Pool = new CLASSES[contender.pool](optionsOf(contender, setup));
  try {
    const result = await work(pool, opened);
    await pool.close();
    return result;
  } finally {
    await pool.terminate();
  }
}

/** `setTimeout` fires at once for more than this, 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const WHAT_TO_DO = 'A task may take longer, or never end: raise the time (`time`, --time), or leave out such items';

/** Rejects on abort or when the time is up: nobody waits for a pool that is to end. */
function givingUp({ signal, limitMs }: Setup): { readonly given: Promise<never>; readonly cancel: () => void } {
  const { promise: given, reject } = pDefer<never>();
  const abort = (): void => reject(signal?.reason);
  const late = (): void => reject(new PoolError(`It was not done within ${limitMs} ms. ${WHAT_TO_DO}`, 'ERR_COMPARE'));
  // First: if it throws, there is no timer yet that nobody would cancel.
  signal?.addEventListener('abort', abort);
  const timer = setTimeout(late, Math.min(limitMs, LONGEST_TIMER_MS));
  return {
    given,
    cancel: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** What tasks print goes to stderr: stdout belongs to whoever asked for the figures. */
function optionsOf({ pool, processes, concurrency }: Contender, { initializer, initargs, finalizer }: Setup) {
  const stdio = pool === 'process' ? { stdio: ['ignore', 2, 'pipe'] as ['ignore', 2, 'pipe'] } : {};
  return { processes, concurrency, initializer, initargs, finalizer, ...stdio };
}
