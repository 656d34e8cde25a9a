import { describe, expect, it } from '@jest/globals';
import { oneAtATime } from '#lib/compare/one-at-a-time.js';
import { range } from '../helpers.js';

const module = new URL('../fixtures/workloads.js', import.meta.url).href;
/** Takes as many ms as its item says. */
const stop = { kind: 'export', module, path: ['stop'] } as const;

/** The same, and fails where the number is negative. */
const stopsOrFails = { ...stop, path: ['stopsOrFails'] } as const;
const patience = { tasks: 10, ms: 60_000 };

describe('one at a time', () => {
  it('tells the time of each long task among short ones, once the first has been found', async () => {
    const items = range(400).map((at) => (at % 100 === 99 ? 50 : 0));
    const options = { warmMs: 0, ms: 60_000, atMost: items.length, fresh: false, patience };
    const { taskMs } = await oneAtATime(stop, items, options);
    expect(taskMs).toHaveLength(items.length);
    const long = [199, 299, 399].map((at) => taskMs[at] ?? 0);
    expect(long.filter((ms) => ms < 45)).toEqual([]);
  });

  it('ends with the long task that uses up its time, once the warm-up has found one', async () => {
    const items = [...range(40).map(() => 0), 300];
    const { taskMs } = await oneAtATime(stop, items, { warmMs: 200, ms: 200, atMost: 1000, fresh: false, patience });
    expect(taskMs).toHaveLength(items.length);
    expect(taskMs.at(-1)).toBeGreaterThanOrEqual(295);
  });

  it.each([false, true])('goes on until one succeeds, where the first items fail (fresh: %s)', async (fresh) => {
    const options = { warmMs: 0, ms: 0, atMost: 1000, fresh, patience };
    const { failed, taskMs } = await oneAtATime(stopsOrFails, [-2, -3, -4, 5, -6, -7], options);
    expect([failed, taskMs.length]).toEqual([3, 4]);
  });

  it.each([
    ['each item has failed', [-2, -3, -4], patience, 3],
    ['as many have failed as it is patient', range(40).map(() => -2), patience, 10],
    ['its patience has taken too long', [-2, -3, -4], { tasks: 10, ms: 0 }, 1],
  ])('gives up when %s', async (_title, items, each, tasks) => {
    const { failed, taskMs } = await oneAtATime(stopsOrFails, items, {
      warmMs: 0,
      ms: 0,
      atMost: 1000,
      fresh: false,
      patience: each,
    });
    expect([failed, taskMs.length]).toEqual([tasks, tasks]);
  });
});
