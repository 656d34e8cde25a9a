import { describe, expect, it } from '@jest/globals';
import { Pace } from '#lib/local/tasks/pace.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Portions, type PortionOptions } from '#lib/local/tasks/portions.js';
import { countOf } from '#lib/local/queue/chunks.js';
import { Queue } from '#lib/local/queue/queue.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** What waits, for which pool; `ms`: how long each task takes. */
interface Waiting {
  readonly maps: number;
  readonly tasksEach: number;
  readonly ms: number;
  readonly pool: PortionOptions;
  readonly chunksize?: number;
}

/** Portions of what waits, and how often the maps were asked what waits of them. */
function portionsOf({ maps, tasksEach, ms, pool, chunksize }: Waiting) {
  const asked = { times: 0 };
  const queue = new Queue();
  const pace = new Pace(pool.processes);
  for (let map = 0; map < maps; map++) {
    const job = new FakeJob(range(tasksEach), { chunksize });
    Object.defineProperty(job, 'waiting', { get: () => (asked.times++, tasksEach - job.taken) });
    queue.add(job);
    pace.record(job, ms, 1);
  }
  return { portions: new Portions(queue, pace, pool), asked };
}

/** A worker, as far as it matters here: how many tasks it has, and how many it may still be given. */
const workerWith = ({ load = 0, left = Infinity }): PoolWorker => ({ load, left }) as PoolWorker;
const idle = workerWith({});

/** How many tasks the next message to a worker has. */
function portion(waiting: Waiting, worker = idle): number {
  return countOf(portionsOf(waiting).portions.next(worker));
}

/** How often maps of three tasks were asked what waits of them, for one message. */
function costOf(waiting: Omit<Waiting, 'tasksEach'>): number {
  const { portions, asked } = portionsOf({ ...waiting, tasksEach: 3 });
  portions.next(idle);
  return asked.times;
}

describe('a portion for a worker that runs one task after another', () => {
  const two = { processes: 2, concurrency: 1 };

  it('is half of what each worker would get of many short tasks', () => {
    expect(portion({ maps: 20, tasksEach: 2, ms: 0.01, pool: two })).toBe(10);
  });

  it('is one task when few wait', () => {
    expect(portion({ maps: 2, tasksEach: 1, ms: 0.01, pool: two })).toBe(1);
  });

  it('is empty when none waits', () => {
    expect(portionsOf({ maps: 0, tasksEach: 1, ms: 0.01, pool: two }).portions.next(idle)).toEqual([]);
  });

  it('is no longer than what a message should hold', () => {
    expect(portion({ maps: 1000, tasksEach: 1, ms: 0.1, pool: two })).toBe(20);
  });

  it('is no longer than what the worker may still be given', () => {
    expect(portion({ maps: 1000, tasksEach: 1, ms: 0.1, pool: two }, workerWith({ left: 7 }))).toBe(7);
  });

  it('has chunks of the chunksize of a job that has one', () => {
    expect(portion({ maps: 1, tasksEach: 100, ms: 1000, pool: two, chunksize: 17 })).toBe(17);
  });

  it('costs the same however many maps wait', () => {
    const cost = costOf({ maps: 1000, ms: 0.1, pool: two });
    expect(costOf({ maps: 10_000, ms: 0.1, pool: two })).toBe(cost);
    expect(cost).toBeLessThan(500);
  });
});

describe('a portion for a worker that runs tasks at once', () => {
  const four = { processes: 2, concurrency: 4 };

  it('is as many tasks as have a free place', () => {
    expect(portion({ maps: 1, tasksEach: 100, ms: 1, pool: four }, workerWith({ load: 1 }))).toBe(3);
  });

  it('is the share of that worker when few wait', () => {
    expect(portion({ maps: 4, tasksEach: 1, ms: 1, pool: four })).toBe(2);
  });

  it('costs the same however many maps wait', () => {
    expect(costOf({ maps: 1000, ms: 1, pool: four })).toBeLessThan(50);
  });
});
