import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { errorText } from '../errors.js';
import type { Pool, PoolStats, TaskFunction } from '../index.js';
import { tasks } from './baseline.js';
import type { Contender } from './comparison.js';
import { atOnce } from './contender.js';
import type { WorkerState } from './one-at-a-time.js';
import { freshItems } from './fresh-items.js';
import { withPool, type Setup } from './one-pool.js';
import { between, cpuTimes, stolenOf, threadName, type CpuTimes } from './stolen-time.js';
import { supply } from './supply.js';

/** The work that is compared. */
export interface Work {
  readonly fn: TaskFunction<[unknown], unknown>;
  readonly items: readonly unknown[];
  /** Tasks of a turn at most: their results are in memory together. */
  readonly atMost: number;
  /** The function changes its items: a pool that does not copy them on the way needs a copy for each task. */
  readonly changesItems: boolean;
}

/** What a turn of a contender has shown. Times are in ms, memory in bytes. */
export interface Turn extends Pick<PoolStats, 'runTime' | 'waitTime'> {
  readonly startupMs: number;
  readonly ms: number;
  /** Share of this time in which the workers had tasks. */
  readonly utilization: number;
  /** Part of it when a worker was ready to run but others had the CPUs: a mean. */
  readonly stolenMs: number;
  readonly tasks: number;
  readonly failed: number;
  /** Workers that died of their tasks, the warm-up included. */
  readonly died: number;
  readonly first: { readonly at: number; readonly error: string } | undefined;
  readonly memory: number;
  readonly loopShare: number;
}

/** Opens a pool, warms it up, times it and closes it. */
export async function turnOf(
  contender: Contender,
  work: Work,
  { turnMs, warmMs }: { readonly turnMs: number; readonly warmMs: number },
  setup: Setup,
): Promise<Turn> {
  const rssBefore = process.memoryUsage.rss();
  return withPool(contender, setup, async (pool, opened) => {
    await pool.ready();
    const startupMs = performance.now() - opened;
    if (warmMs > 0) await timed(pool, contender, unspoilt(contender, work, warmMs), warmMs);
    // Read from outside: asking a worker is a task too, and would count among those of the function.
    const earlier = cpuTimes();
    const unused = unspoilt(contender, work, turnMs);
    const before = busyTime(pool, opened);
    const found = await timed(pool, contender, unused, turnMs);
    const later = cpuTimes();
    const utilization = shareBetween(before, busyTime(pool, opened), pool.processes);
    const { runTime, waitTime, replaced } = pool.stats();
    const { died } = replaced;
    const grown = Math.max(0, process.memoryUsage.rss() - rssBefore);
    const states = await statesOf(pool);
    const stolenMs = stolenFrom(earlier, later, contender, states, found.ms);
    const memory = contender.pool === 'process' ? mean(states.map((state) => state.memory)) * pool.processes : grown;
    return {
      startupMs,
      ...found,
      died,
      stolenMs,
      runTime,
      waitTime,
      utilization,
      memory,
    };
  });
}

interface BusyTime {
  readonly at: number;
  /** Busy time of all workers together, up to then. */
  readonly busyMs: number;
}

/** A pool reports it as a share of its life, boot and warm-up included. */
function busyTime(pool: Pool, opened: number): BusyTime {
  const at = performance.now();
  return { at, busyMs: pool.stats().utilization * (at - opened) * pool.processes };
}

function shareBetween(before: BusyTime, after: BusyTime, workers: number): number {
  const share = (after.busyMs - before.busyMs) / ((after.at - before.at) * workers);
  return Math.min(1, Math.max(0, share));
}

/** An AsyncPool hands its items over as they are. The other pools copy them on their way. */
function unspoilt(contender: Contender, work: Work, ms: number): Work {
  if (contender.pool !== 'async' || !work.changesItems) return work;
  const copies = freshItems(work.items, { ms, atLeast: Math.min(work.atMost, atOnce(contender)), atMost: work.atMost });
  return { ...work, items: copies, atMost: copies.length };
}

/** Gives each worker as many tasks as it takes at once before the time can be up. */
async function timed(pool: Pool, contender: Contender, { fn, items, atMost }: Work, ms: number) {
  const loop = performance.eventLoopUtilization();
  const began = performance.now();
  const limits = { until: began + ms, atLeast: Math.min(atMost, atOnce(contender)), atMost };
  const outcomes = await pool.map(fn, supply(items, limits), { settled: true });
  const took = performance.now() - began;
  const { utilization: loopShare } = performance.eventLoopUtilization(loop);
  const failed = outcomes.filter(({ status }) => status === 'rejected').length;
  return { ms: took, tasks: outcomes.length, failed, first: firstFailure(outcomes), loopShare };
}

function firstFailure(outcomes: readonly PromiseSettledResult<unknown>[]): Turn['first'] {
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') return { at, error: errorText(outcome.reason) };
  }
  return undefined;
}

/** The states of all workers, or nearly all: each is asked while the others are busy answering. */
async function statesOf(pool: Pool): Promise<WorkerState[]> {
  const asked = Array.from({ length: 2 * pool.processes }, (_, index) => index);
  return pool.map(tasks.stateOfWorker, asked, { chunksize: 1 });
}

/** In a ThreadPool, the master's thread is listed among those of the workers, and must be left out. */
function stolenFrom(
  before: CpuTimes,
  after: CpuTimes,
  { pool }: Contender,
  states: readonly WorkerState[],
  ms: number,
) {
  const loops = new Set(states.map(({ thread }) => thread));
  const processes = new Set([...loops].map(dirname));
  const master = pool === 'thread' ? threadName() : undefined;
  const spent = between(before, after, (thread) => processes.has(dirname(thread)) && thread !== master);
  return stolenOf(spent, loops, ms);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
