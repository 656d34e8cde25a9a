import { AsyncPool, Pool, ThreadPool } from '../index.js';
import type { Contender, PoolKind } from './comparison.js';

/** The class of each kind. */
export const CLASSES = { process: Pool, thread: ThreadPool, async: AsyncPool } as const satisfies Record<
  PoolKind,
  typeof Pool
>;

/** What was asked for; undefined where the sizes are ours to choose. */
export interface Sizes {
  readonly pools: readonly PoolKind[];
  readonly processes: readonly number[] | undefined;
  readonly concurrency: readonly number[] | undefined;
}

/** Tasks at once in the event loop, and in a process or thread whose tasks wait. */
const AT_ONCE_IN_THE_LOOP = [4, 16, 64];
const AT_ONCE_IN_A_WORKER = 16;
/** Workers are tried up to this number on small machines too: tasks that wait need more of them than there are cores. */
const WORKERS_AT_LEAST = 8;

/** Every pool in every size. */
export function contendersOf({ pools, processes, concurrency }: Sizes, cores: number): Contender[] {
  return pools.flatMap((pool): Contender[] => {
    if (pool === 'async')
      return (concurrency ?? AT_ONCE_IN_THE_LOOP).map((each) => ({ pool, processes: 1, concurrency: each }));
    const sizes = processes ?? workersFor(cores);
    const walled = (concurrency ?? [1]).flatMap((each) =>
      sizes.map((size) => ({ pool, processes: size, concurrency: each })),
    );
    return concurrency === undefined
      ? [...walled, { pool, processes: closest(sizes, cores), concurrency: AT_ONCE_IN_A_WORKER }]
      : walled;
  });
}

/** 1, 2, 4, … and the number of cores. */
function workersFor(cores: number): number[] {
  const most = Math.max(cores, WORKERS_AT_LEAST);
  const doubled = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, power) => 2 ** power);
  return [...new Set([...doubled, cores])].toSorted((a, b) => a - b);
}

function closest(sizes: readonly number[], cores: number): number {
  return Math.max(Math.min(...sizes), ...sizes.filter((size) => size <= cores));
}

/** `Pool of 2`, `ThreadPool of 2 × 16` (16 at once in each), `AsyncPool of 64`. */
export function nameOf({ pool, processes, concurrency }: Contender): string {
  const size = pool === 'async' || concurrency > 1 ? sizeOf(pool, processes, concurrency) : String(processes);
  return `${CLASSES[pool].name} of ${size}`;
}

function sizeOf(pool: PoolKind, processes: number, concurrency: number): string {
  return pool === 'async' ? String(concurrency) : `${processes} × ${concurrency}`;
}

/** Tasks that run at once, all workers together. */
export function atOnce({ processes, concurrency }: Contender): number {
  return processes * concurrency;
}
