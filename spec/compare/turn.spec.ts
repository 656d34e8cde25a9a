import { describe, expect, it } from '@jest/globals';
import type { PoolKind } from '#lib/compare/comparison.js';
import type { Setup } from '#lib/compare/one-pool.js';
import { turnOf, type Turn, type Work } from '#lib/compare/turn.js';
import { square, stop } from '../fixtures/workloads.js';
import { leavesNoChild, onLinux } from '../helpers.js';

leavesNoChild();

function turn(
  pool: PoolKind,
  fn: (item: number) => unknown,
  item: number,
  turnMs: number,
  start?: Pick<Setup, 'initializer' | 'initargs'>,
): Promise<Turn> {
  const contender = { pool, processes: pool === 'async' ? 1 : 2, concurrency: 1 };
  const work = { fn: fn as Work['fn'], items: [item], atMost: 100_000, changesItems: false };
  return turnOf(contender, work, { turnMs, warmMs: 0 }, { ...start, limitMs: 20_000 });
}

describe('a turn', () => {
  it.each(['process', 'thread', 'async'] as const)(
    'of a pool of kind %s has the times of tasks of the function, and of no others',
    async (pool) => {
      const { tasks, runTime, waitTime } = await turn(pool, stop, 300, 10);
      expect(runTime.p50).toBeGreaterThanOrEqual(250);
      expect([runTime.count, waitTime.count]).toEqual([tasks, tasks]);
    },
  );

  it.each(['process', 'thread'] as const)(
    'of a pool of kind %s has the share of its own time in which workers had tasks, without that of its start',
    async (pool) => {
      // Long, beside what a busy machine adds to both.
      const slow = { initializer: stop, initargs: [500] } as Pick<Setup, 'initializer' | 'initargs'>;
      const { utilization, startupMs, ms } = await turn(pool, stop, 1000, 0, slow);
      expect(startupMs).toBeGreaterThan(490);
      expect(utilization).toBeGreaterThan(0.75);
      expect(utilization).toBeGreaterThan(ms / (startupMs + ms));
    },
  );

  onLinux.describe('where the system tells', () => {
    // Workers that wake up for many messages wait for a CPU now and then, even if nobody else wants one.
    it.each(['process', 'thread'] as const)('of a pool of kind %s knows how long workers had no CPU', async (pool) => {
      const { stolenMs, ms } = await turn(pool, square, 3, 200);
      expect(stolenMs).toBeGreaterThan(0);
      expect(stolenMs).toBeLessThan(ms);
    });
  });
});
