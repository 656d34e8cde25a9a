import { tasksFrom, type Pool } from '../index.js';
import type { Reference } from '../wire/reference.js';
import type { MessageCost } from './comparison.js';
import type { LoopOptions, LoopResult } from './one-at-a-time.js';
import { withPool, type Setup } from './one-pool.js';
import { median } from './statistics.js';
import { supply } from './supply.js';

/** Tasks that run in workers to measure them. */
export const tasks = tasksFrom<typeof import('./one-at-a-time.js')>(new URL('./one-at-a-time.js', import.meta.url));

/** What a turn of one at a time has shown. Times are in ms. */
export interface BaselineTurn extends LoopResult {
  readonly startupMs: number;
  readonly message: Pick<MessageCost, 'roundTripMs' | 'perTaskMs'>;
}

/** Runs a turn of one at a time in a process of its own, and measures what it costs to send that something. */
export async function baselineTurn(
  reference: Reference,
  items: readonly unknown[],
  loop: LoopOptions,
  setup: Setup,
): Promise<BaselineTurn> {
  return withPool({ pool: 'process', processes: 1, concurrency: 1 }, setup, async (pool, opened) => {
    await pool.ready();
    const startupMs = performance.now() - opened;
    const result = await pool.apply(tasks.oneAtATime, [reference, items, loop]);
    return { ...result, startupMs, message: await messageCost(pool, items) };
  });
}

const ROUND_TRIPS = 15;
const MANY_MS = 30;

async function messageCost(pool: Pool, items: readonly unknown[]): Promise<BaselineTurn['message']> {
  const trips: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const began = performance.now();
    await pool.apply(tasks.nothing, [items[trip % items.length]]);
    trips.push(performance.now() - began);
  }
  // The first time, the pool learns how many of these tasks should travel together.
  await manyOfNothing(pool, items);
  return { roundTripMs: median(trips), perTaskMs: await manyOfNothing(pool, items) };
}

/** Returns the ms per task. */
async function manyOfNothing(pool: Pool, items: readonly unknown[]): Promise<number> {
  const began = performance.now();
  const many = supply(items, { until: began + MANY_MS, atLeast: 1, atMost: 100_000 });
  const answers = await pool.map(tasks.nothing, many);
  return (performance.now() - began) / answers.length;
}
