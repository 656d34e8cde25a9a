import { performance } from 'node:perf_hooks';
import { deserialize, serialize } from 'node:v8';
import { createResolver } from '../../workers/resolve.js';
import { errorText } from '../errors.js';
import { here } from '../wire/current.js';
import { isThenable } from '../wire/is-thenable.js';
import type { Reference } from '../wire/reference.js';
import type { Serialization } from './comparison.js';
import { areChanged, freshItems } from './fresh-items.js';
import { between, cpuTimesHere, stolenOf, threadName } from './stolen-time.js';

/** Options of the loop. Times are in ms. */
export interface LoopOptions {
  /** Runs before the clock starts: the first calls of a function are compiled, and load what it needs. */
  readonly warmMs: number;
  readonly ms: number;
  readonly atMost: number;
  /** Each task gets a copy of its item, made before the clock starts: no later task sees what the function does to one. */
  readonly fresh: boolean;
  /** How long it goes on while every task fails: the first items need not be like the others. */
  readonly patience: Patience;
}

export interface Patience {
  /** Tasks at most, of different items. */
  readonly tasks: number;
  readonly ms: number;
}

/** What the loop found. Times are in ms, memory in bytes. */
export interface LoopResult {
  /** Time of each task. */
  readonly taskMs: readonly number[];
  readonly wallMs: number;
  /** CPU time of this process, all threads. */
  readonly cpuMs: number;
  /** Time in which the event loop was not idle. */
  readonly loopMs: number;
  /** Time in which it could not go on: its threads were ready to run, but others had the CPUs. */
  readonly stolenMs: number;
  /** The same for the event loop's thread alone. */
  readonly loopStolenMs: number;
  readonly memory: number;
  readonly failed: number;
  readonly first: { readonly at: number; readonly error: string } | undefined;
  /** Whether the first tasks changed their items. Only known of copies. */
  readonly changesItems: boolean;
  readonly argument: Serialization | undefined;
  /** Undefined if one cannot be copied. */
  readonly result: Serialization | undefined;
}

/**
 * Runs the function on one item after the other, as a program without a pool would, with no message between them. It is a
 * task itself, in a process of its own: a function that never lets go of the event loop blocks nobody there, and the CPU
 * time of that process is that of the function. (Node 20 has no CPU time of a thread.)
 */
export async function oneAtATime(
  reference: Reference,
  items: readonly unknown[],
  options: LoopOptions,
): Promise<LoopResult> {
  const call = await callOf(reference);
  const { warmMs, ms } = options;
  const batch = new TimingBatch();
  if (warmMs > 0) {
    const warm = supplyOf(items, warmMs, options);
    await loop(call, warm.items, { ms: warmMs, atMost: warm.atMost, patience: NO_PATIENCE }, batch);
  }
  const supply = supplyOf(items, ms, options);
  const before = reading();
  const patience = { ...options.patience, tasks: Math.min(options.patience.tasks, items.length) };
  const found = await loop(call, supply.items, { ms, atMost: supply.atMost, patience }, batch);
  const after = reading();
  const begun = supply.items.slice(0, Math.min(SAMPLE, found.taskMs.length));
  const wallMs = after.now - before.now;
  const own = threadName();
  const spent = between(before.cpuTimes, after.cpuTimes, () => true);
  return {
    taskMs: found.taskMs,
    wallMs,
    cpuMs: after.cpuMs - before.cpuMs,
    loopMs: performance.eventLoopUtilization(after.loop, before.loop).active,
    stolenMs: stolenOf(spent, new Set([own]), wallMs),
    loopStolenMs: spent.get(own)?.waitedMs ?? 0,
    memory: process.memoryUsage.rss(),
    failed: found.failed,
    first: found.first,
    changesItems: options.fresh && areChanged(begun, items),
    argument: serializationOf(Array.from({ length: SAMPLE }, (_, index) => items[index % items.length])),
    result: serializationOf(found.results),
  };
}

const NO_PATIENCE: Patience = { tasks: 0, ms: 0 };

type Supply = Pick<LoopOptions, 'atMost' | 'fresh' | 'patience'>;

function supplyOf(items: readonly unknown[], ms: number, { atMost, fresh, patience }: Supply) {
  if (!fresh) return { items, atMost };
  const copies = freshItems(items, { ms, atLeast: Math.max(1, Math.min(patience.tasks, items.length)), atMost });
  return { items: copies, atMost: copies.length };
}

type TaskCall = (item: unknown) => unknown;

/** Finds the function as a worker does, so that what an initializer has bound to it is there. */
async function callOf(reference: Reference): Promise<TaskCall> {
  const resolve = createResolver({ main: here.main, onMain: () => (here.importedMain = true), fresh: false });
  const { fn, self } = await resolve(reference);
  return fn.bind(self) as TaskCall;
}

/** Number of values whose copying is measured. */
const SAMPLE = 20;

/** Tasks that take less than this together are timed in larger batches, of at most this many. */
const TOGETHER_MS = 0.02;
const MOST_TOGETHER = 256;
/** Among such short tasks, one that takes this many ms is another kind of task. */
const LONG_MS = 1;

/**
 * How many tasks are timed together, since reading the clock takes as long as the shortest tasks. But a long one in a batch would
 * count as many of medium length, and the time is checked only after a batch: the first long task ends batching for good.
 */
class TimingBatch {
  size = 1;
  #most = MOST_TOGETHER;

  took(ms: number): void {
    if (ms >= LONG_MS) this.#most = 1;
    if (ms < TOGETHER_MS) this.size *= 2;
    this.size = Math.min(this.size, this.#most);
  }
}

type Bounds = Pick<LoopOptions, 'ms' | 'atMost' | 'patience'>;

async function loop(call: TaskCall, items: readonly unknown[], { ms, atMost, patience }: Bounds, batch: TimingBatch) {
  const found = {
    taskMs: [] as number[],
    results: [] as unknown[],
    failed: 0,
    first: undefined as LoopResult['first'],
  };
  const began = performance.now();
  let next = 0;
  const goesOn = (now: number): boolean => {
    if (next === 0) return true;
    const hopes = found.failed === next && next < patience.tasks;
    return next < atMost && now - began < (hopes ? Math.max(ms, patience.ms) : ms);
  };
  for (let now = began; goesOn(now);) {
    const stop = Math.min(next + batch.size, Math.max(atMost, 1));
    const count = stop - next;
    for (; next < stop; next++) {
      try {
        const result = call(items[next % items.length]);
        // As in a worker: awaiting a value that is there already takes longer than the shortest tasks.
        const value: unknown = isThenable(result) ? await result : result;
        if (next < SAMPLE) found.results.push(value);
      } catch (error) {
        found.failed++;
        found.first ??= { at: next, error: errorText(error) };
      }
    }
    const before = now;
    now = performance.now();
    const took = now - before;
    for (let task = 0; task < count; task++) found.taskMs.push(took / count);
    batch.took(took);
  }
  return found;
}

function reading() {
  const { user, system } = process.cpuUsage();
  return {
    now: performance.now(),
    cpuMs: (user + system) / 1000,
    loop: performance.eventLoopUtilization(),
    cpuTimes: cpuTimesHere(),
  };
}

/** Undefined for values that cannot be copied: the contenders will say so. */
function serializationOf(values: readonly unknown[]): Serialization | undefined {
  if (values.length === 0) return { bytes: 0, serializeMs: 0, deserializeMs: 0 };
  try {
    // A warm-up, since the first calls are slow to compile, and a pool is soon past them.
    for (const value of values) deserialize(serialize(value));
    const [buffers, serializeMs] = timed(() => values.map((value) => serialize(value)));
    const [, deserializeMs] = timed(() => buffers.map((buffer): unknown => deserialize(buffer)));
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    return {
      bytes: bytes / values.length,
      serializeMs: serializeMs / values.length,
      deserializeMs: deserializeMs / values.length,
    };
  } catch {
    return undefined;
  }
}

function timed<T>(work: () => T): [result: T, ms: number] {
  const began = performance.now();
  const result = work();
  return [result, performance.now() - began];
}

/** Does nothing: it measures the way there and back. */
export function nothing(_item: unknown): void {}

/** The state of a worker at some moment. Memory in bytes. */
export interface WorkerState {
  /** What /proc calls the thread of its event loop. */
  readonly thread: string;
  readonly memory: number;
}

export function stateOfWorker(_any: unknown): WorkerState {
  return { thread: threadName(), memory: process.memoryUsage.rss() };
}
