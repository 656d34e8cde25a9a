import { describe, expect, it } from '@jest/globals';
import { Pace } from '#lib/local/tasks/pace.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Portions, type PortionOptions } from '#lib/local/tasks/portions.js';
import { Queue } from '#lib/local/queue/queue.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** Maps of so many items each, of tasks that take so long, and how often the maps were asked what waits of them. */
function portionsOf(maps: readonly number[], ms: number, options: PortionOptions, chunksize?: number) {
  const asked = { times: 0 };
  const queue = new Queue();
  const pace = new Pace(options.processes);
  for (const length of maps) {
    const job = new FakeJob(range(length), { chunksize });
    Object.defineProperty(job, 'waiting', { get: () => (asked.times++, length - job.taken) });
    queue.add(job);
    pace.record(job, ms, 1);
  }
  return { portions: new Portions(queue, pace, options), asked };
}

/** A worker, as far as it matters here. */
const worker = (load = 0, left = Infinity): PoolWorker => ({ load, left }) as PoolWorker;

const sizes = (chunks: readonly { readonly items: { readonly length: number } }[]): number =>
  chunks.reduce((sum, { items }) => sum + items.length, 0);

describe('a portion for a worker that runs one task after another', () => {
  const two = { processes: 2, concurrency: 1 };

  it('is half of what each worker would get of many short tasks', () => {
    expect(sizes(portionsOf(Array<number>(20).fill(2), 0.01, two).portions.next(worker()))).toBe(10);
  });

  it('is one task, where few wait', () => {
    expect(sizes(portionsOf([1, 1], 0.01, two).portions.next(worker()))).toBe(1);
    expect(portionsOf([], 0.01, two).portions.next(worker())).toEqual([]);
  });

  it('is as much as a message should hold, and all that the worker may still be given', () => {
    expect(sizes(portionsOf(Array<number>(1000).fill(1), 0.1, two).portions.next(worker()))).toBe(20);
    expect(sizes(portionsOf(Array<number>(1000).fill(1), 0.1, two).portions.next(worker(0, 7)))).toBe(7);
  });

  it('has chunks of the chunksize of the job, where it has one', () => {
    expect(sizes(portionsOf([100], 1000, two, 17).portions.next(worker()))).toBe(17);
  });

  it('costs the same however many maps wait', () => {
    const costOf = (maps: number): number => {
      const { portions, asked } = portionsOf(Array<number>(maps).fill(3), 0.1, two);
      portions.next(worker());
      return asked.times;
    };
    expect(costOf(10_000)).toBe(costOf(1000));
    expect(costOf(1000)).toBeLessThan(500);
  });
});

describe('a portion for a worker that runs tasks at once', () => {
  it('is as many as have a free place, or the share of that worker', () => {
    const options = { processes: 2, concurrency: 4 };
    expect(sizes(portionsOf([100], 1, options).portions.next(worker(1)))).toBe(3);
    expect(sizes(portionsOf([1, 1, 1, 1], 1, options).portions.next(worker()))).toBe(2);
  });

  it('costs the same however many maps wait', () => {
    const { portions, asked } = portionsOf(Array<number>(1000).fill(3), 1, { processes: 2, concurrency: 4 });
    portions.next(worker());
    expect(asked.times).toBeLessThan(50);
  });
});
