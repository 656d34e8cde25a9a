import { describe, expect, it } from '@jest/globals';
import { oneAtATime } from '#lib/compare/one-at-a-time.js';
import { range } from '../helpers.js';

const module = new URL('../fixtures/workloads.js', import.meta.url).href;
/** Takes as many ms as its item says. */
const stop = { kind: 'export', module, path: ['stop'] } as const;

describe('one at a time', () => {
  it('tells the time of each long task among short ones, once the first has been found', async () => {
    const items = range(400).map((at) => (at % 100 === 99 ? 50 : 0));
    const options = { warmMs: 0, ms: 60_000, atMost: items.length, fresh: false };
    const { taskMs } = await oneAtATime(stop, items, options);
    expect(taskMs).toHaveLength(items.length);
    const long = [199, 299, 399].map((at) => taskMs[at] ?? 0);
    expect(long.filter((ms) => ms < 45)).toEqual([]);
  });

  it('ends with the long task that uses up its time, once the warm-up has found one', async () => {
    const items = [...range(40).map(() => 0), 300];
    const { taskMs } = await oneAtATime(stop, items, { warmMs: 200, ms: 200, atMost: 1000, fresh: false });
    expect(taskMs).toHaveLength(items.length);
    expect(taskMs.at(-1)).toBeGreaterThanOrEqual(295);
  });
});
