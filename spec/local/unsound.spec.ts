import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { first, heal, readyRigOf, second } from '../fixtures/fake-rig.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('an error that came from a task which had answered', () => {
  it('lets the worker finish what it runs, and then go; what waits there runs elsewhere at once', () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(4), { chunksize: 2 });
    rig.executor.submit(job);
    first(rig).begin();
    second(rig).work(2);
    first(rig).say({ type: 'unsound' });
    expect(first(rig).asked).toBe(false);
    second(rig).work();
    expect(job.results).toEqual([undefined, 1, 2, 3]);
    first(rig).answer();
    expect(first(rig).asked).toBe(true);
    heal(rig);
    expect(job.results).toEqual(range(4));
    expect(rig.executor.stats().replaced.died).toBe(1);
  });
});

describe('an error that came from no task, before a worker has answered any', () => {
  const unsound = { type: 'unsound', error: { value: new Error('refused') } } as const;

  it('has what waits there run elsewhere', () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(4), { chunksize: 2 });
    rig.executor.submit(job);
    first(rig).say(unsound);
    second(rig).work();
    expect([first(rig).killed, job.results]).toEqual([true, range(4)]);
  });

  it('lets it finish what it runs, and then go', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(2), { chunksize: 1 });
    rig.executor.submit(job);
    first(rig).begin();
    first(rig).say(unsound);
    expect([first(rig).killed, first(rig).asked]).toEqual([false, false]);
    first(rig).answer();
    expect([first(rig).killed, first(rig).asked, job.results[0]]).toEqual([false, true, 0]);
  });

  it('kills it after a startTimeout, where what it runs may wait for ever for what broke', () => {
    const rig = readyRigOf({ startTimeout: 500 });
    const [waits, next] = [single('waits'), single('next')];
    for (const job of [waits, next]) rig.executor.submit(job);
    first(rig).begin();
    first(rig).say(unsound);
    jest.advanceTimersByTime(400);
    first(rig).say(unsound);
    expect(first(rig).killed).toBe(false);
    jest.advanceTimersByTime(101);
    expect(first(rig).killed).toBe(true);
    heal(rig);
    rig.workers.at(-1)?.work();
    expect(waits.results).toEqual([expect.objectContaining({ code: 'ERR_WORKER_LOST', cause: unsound.error.value })]);
    expect(next.results).toEqual(['next']);
  });

  it('fails a task that has met it in three workers in a row, though others answer', () => {
    const rig = readyRigOf({ processes: 2 });
    const [other, job] = [single('other'), single('unlucky')];
    for (const each of [other, job]) rig.executor.submit(each);
    first(rig).begin();
    for (let n = 0; n < 3; n++) {
      expect(job.results).toEqual([undefined]);
      rig.transport.living.find(({ waiting }) => waiting.length > 0)?.say(unsound);
      heal(rig);
      jest.advanceTimersByTime(5000);
      heal(rig);
    }
    expect(job.results).toEqual([expect.objectContaining({ code: 'ERR_WORKER_START', cause: unsound.error.value })]);
    first(rig).answer();
    expect([other.results, rig.broken]).toEqual([['other'], []]);
  });
});
