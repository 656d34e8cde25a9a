import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lingerThenTell } from '../../fixtures/short-tasks.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { readyRigOf } from '../../fixtures/fake-rig.js';
import type { FakeWorker } from '../../fixtures/fake-transport.js';
import { range } from '../../helpers.js';
import { poolsOf, walled } from '../../pools.js';

describe('what a worker keeps', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** A worker at the third of five tasks, which keeps the outcomes of two. */
  function keeping(): { worker: FakeWorker; job: FakeJob } {
    const { executor, workers } = readyRigOf();
    const job = new FakeJob(range(5), { chunksize: 5 });
    executor.submit(job);
    const [worker] = workers as [FakeWorker];
    for (let begun = 0; begun < 3; begun++) worker.begin();
    worker.keep();
    return { worker, job };
  }

  it('is fetched when it has been at a task for a while', () => {
    const { worker, job } = keeping();
    expect(job.results).toEqual([]);
    jest.advanceTimersByTime(30);
    expect(job.results).toEqual([0, 1]);
    worker.work();
    expect(job.results).toEqual(range(5));
  });

  it('is fetched once', () => {
    const { worker, job } = keeping();
    const kept = jest.spyOn(worker.marks, 'kept');
    jest.advanceTimersByTime(1000);
    expect([kept.mock.calls.length, job.results]).toEqual([1, [0, 1]]);
  });

  it('is let be while it goes from task to task: it may be just writing', () => {
    const { worker, job } = keeping();
    const kept = jest.spyOn(worker.marks, 'kept');
    for (let task = 4; task < 100; task++) {
      jest.advanceTimersByTime(4);
      worker.marks.begin(task);
    }
    expect([kept.mock.calls.length, job.results]).toEqual([0, []]);
  });

  it('is not looked for where none of its tasks but one is unanswered', () => {
    const { worker } = keeping();
    jest.advanceTimersByTime(30);
    worker.begin();
    worker.begin();
    for (let left = 2; left > 0; left--) worker.answer();
    const begun = jest.spyOn(worker.marks, 'begun');
    jest.advanceTimersByTime(1000);
    expect([begun.mock.calls.length, worker.running.length]).toEqual([0, 1]);
  });

  it.each([
    ['several run at once', { concurrency: 2 }],
    ['each is weighed', { maxMemoryPerChild: 1e9 }],
  ])('is not looked for where %s', (_, options) => {
    const { executor, workers } = readyRigOf(options);
    executor.submit(new FakeJob(range(5), { chunksize: 5 }));
    workers[0]?.begin();
    const begun = jest.spyOn((workers as [FakeWorker])[0].marks, 'begun');
    jest.advanceTimersByTime(1000);
    expect(begun).not.toHaveBeenCalled();
  });

  it('is looked for no more when nothing is left to do', () => {
    const { worker } = keeping();
    const timers = jest.getTimerCount();
    jest.advanceTimersByTime(50);
    worker.work();
    jest.advanceTimersByTime(50);
    expect(jest.getTimerCount()).toBe(timers - 1);
  });
});

describe.each(walled)('%s', (_, Kind) => {
  const make = poolsOf();

  it('lets nobody wait for the outcome of a short task until a long one behind it has ended', async () => {
    const pool = make(Kind, { processes: 1 });
    await pool.map(lingerThenTell, Array<number>(500).fill(0.05), { chunksize: 100 });
    const LONG = 800;
    const ms = range(40).map((n) => (n === 20 ? LONG : 0.05));
    const late: number[] = [];
    for await (const ended of pool.imap(lingerThenTell, ms, { chunksize: 40 })) late.push(Date.now() - ended);
    expect(Math.max(...late)).toBeLessThan(LONG - 100);
  });
});
