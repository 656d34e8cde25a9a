import { expected } from '../errors.js';
import type { PoolKind } from './comparison.js';
import { CLASSES } from './contender.js';

/** Options of `compare`. All may be left out; times are in ms. */
// oxlint-disable-next-line typescript/no-explicit-any -- options alone must stand for those of any initargs
export interface CompareOptions<InitArgs extends unknown[] = any> {
  /** Kinds of pools to try: 'process', 'thread', 'async'. Default: all three. */
  pools?: readonly PoolKind[] | undefined;
  /** Numbers of workers to try. Default: 1, 2, 4, … up to 8 or the number of cores, fewer if more cannot help. */
  processes?: readonly number[] | undefined;
  /**
   * Numbers of tasks at once in a worker to try. Default: 1 in a process or thread, and 16 if tasks wait; 4, 16 and 64 in
   * the event loop, which is one worker.
   */
  concurrency?: readonly number[] | undefined;
  /** As of a pool: called once in each worker. */
  initializer?: ((...args: InitArgs) => unknown) | undefined;
  /** As of a pool: arguments of the initializer. Default: none. */
  initargs?: NoInfer<InitArgs> | undefined;
  /** As of a pool: called once in each worker that leaves in an orderly way. */
  finalizer?: (() => unknown) | undefined;
  /** How often every contender has its turn. Default: 3. */
  rounds?: number | undefined;
  /**
   * Bound of the whole comparison: turns are shorter, and fewer, so that it is kept. A pool may take what is left of it, and
   * 10 s at least; then it is ended. Default: 30000.
   */
  time?: number | undefined;
  /** Items to use at most. Default: 10000. */
  maxItems?: number | undefined;
  /** What to call an item that a task failed on. Default: `item 3`. */
  itemName?: ((index: number) => string) | undefined;
  /** Aborting it ends all workers; `compare` rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Told before each turn. */
  onProgress?: ((progress: CompareProgress) => void) | undefined;
}

/** How far a comparison is. */
export interface CompareProgress {
  /** Turns that are done, of `total` ones. */
  readonly done: number;
  readonly total: number;
  /** Whose turn it is now: `one at a time`, `Pool of 2`… */
  readonly turn: string;
}

export type ResolvedOptions = ReturnType<typeof compareOptions>;

const NAMES = [
  'pools',
  'processes',
  'concurrency',
  'initializer',
  'initargs',
  'finalizer',
  'rounds',
  'time',
  'maxItems',
  'itemName',
  'signal',
  'onProgress',
] as const satisfies readonly (keyof CompareOptions)[];

/** Checked, with the defaults filled in. Initializer, initargs and finalizer are checked by the pools. */
export function compareOptions(given: CompareOptions = {}) {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(expected('options', 'an object', given));
  }
  const unknown = Object.keys(given).find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Unknown option \`${unknown}\` of \`compare\`. Known are ${NAMES.join(', ')}`);
  }
  const { initializer, initargs, finalizer, pools = ['process', 'thread', 'async'] } = given;
  return {
    initializer,
    initargs,
    finalizer,
    signal: signalOf(given.signal),
    onProgress: callable('onProgress', given.onProgress),
    pools: kinds(pools),
    processes: sizes('processes', given.processes),
    concurrency: sizes('concurrency', given.concurrency),
    rounds: whole('rounds', given.rounds, 3),
    time: whole('time', given.time, 30_000),
    maxItems: whole('maxItems', given.maxItems, 10_000),
    itemName: callable('itemName', given.itemName) ?? ((index: number) => `item ${index}`),
  };
}

function kinds(pools: readonly unknown[]): readonly PoolKind[] {
  const known = Object.keys(CLASSES);
  const all = Array.isArray(pools) && pools.length > 0 && pools.every((pool) => known.includes(pool as string));
  if (!all) throw new TypeError(expected('pools', `an array of ${known.join(', ')}`, pools));
  return [...new Set(pools as PoolKind[])];
}

/** A larger value is a slip of the hand: each turn of a pool is filled with several times as many tasks. */
const MOST_AT_ONCE = 4096;

function sizes(name: string, given: readonly number[] | undefined): readonly number[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) throw new TypeError(expected(name, 'an array of numbers', given));
  const checked = given.map((each) => whole(name, each, 1));
  const large = checked.find((each) => each > MOST_AT_ONCE);
  if (large !== undefined) throw new RangeError(expected(name, `a whole number from 1 to ${MOST_AT_ONCE}`, large));
  return [...new Set(checked)].toSorted((a, b) => a - b);
}

function whole(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number') throw new TypeError(expected(name, 'a whole number from 1 up', value));
  if (!Number.isInteger(value) || value < 1) throw new RangeError(expected(name, 'a whole number from 1 up', value));
  return value;
}

function callable<F>(name: string, value: F): F {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(expected(name, 'a function', value));
}

/** Accepts signals of another realm, or of a polyfill. */
function signalOf(value: AbortSignal | undefined): AbortSignal | undefined {
  const like = value as Partial<Record<keyof AbortSignal, unknown>> | null | undefined;
  const isSignal = typeof like?.aborted === 'boolean' && typeof like.addEventListener === 'function';
  if (value === undefined || isSignal) return value;
  throw new TypeError(expected('signal', 'an AbortSignal', value));
}
