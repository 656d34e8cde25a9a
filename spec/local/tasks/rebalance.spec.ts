import { describe, expect, it } from '@jest/globals';
import type { Chunk } from '#lib/executor.js';
import type { Flights } from '#lib/local/flights.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Queue } from '#lib/local/queue/queue.js';
import { Rebalance } from '#lib/local/tasks/rebalance.js';
import type { Workforce } from '#lib/local/workforce/workforce.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { range, until } from '../../helpers.js';

/** One worker that runs a task of a map and holds others, behind which a single call waits; and what is done about it. */
function heldUp(load: number) {
  const done = { looked: 0, takenBack: 0, dispatched: 0 };
  const map = new FakeJob(range(9));
  const chunk = map.take(load) as Chunk;
  const flights = {
    *[Symbol.iterator]() {
      done.looked++;
      yield { chunk };
    },
  } as unknown as Flights;
  const worker = { load, inService: true, flights, silence: 100, hasBegun: true, reached: () => 1 };
  const queue = new Queue();
  queue.add(single(1));
  const rebalance = new Rebalance({
    queue,
    workforce: { workers: [worker as unknown as PoolWorker], canStart: false } as unknown as Workforce,
    concurrency: 1,
    takeBack: () => ++done.takenBack > 0,
    dispatch: () => void done.dispatched++,
  });
  return { rebalance, done };
}

describe('a rebalance', () => {
  it('takes back what waits behind a long task, where others go before it', async () => {
    const { rebalance, done } = heldUp(3);
    rebalance.later();
    await until('it is given away', () => done.dispatched > 0);
    expect(done).toMatchObject({ takenBack: 1, dispatched: 1 });
  });

  it('looks at what workers hold once, however often it is asked for meanwhile', async () => {
    const { rebalance, done } = heldUp(3);
    for (let answers = 0; answers < 1000; answers++) rebalance.later();
    expect(done.looked).toBe(0);
    await until('it is given away', () => done.dispatched > 0);
    expect(done.looked).toBe(1);
  });

  it('is not planned while no worker holds more than it runs', async () => {
    const [idle, busy] = [heldUp(1), heldUp(2)];
    idle.rebalance.later();
    busy.rebalance.later();
    await until('the other has come', () => busy.done.dispatched > 0);
    expect(idle.done.looked).toBe(0);
  });
});
