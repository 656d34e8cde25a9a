import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TaskTimeoutError } from '#lib/errors.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { first, heal, readyRigOf, second, warmUp, type Rig } from '../../fixtures/fake-rig.js';
import type { FakeWorker } from '../../fixtures/fake-transport.js';
import { range } from '../../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a time limit', () => {
  /** A job of one task with a limit of 50 ms, which has been given to a worker. */
  function limited(): { rig: Rig; job: FakeJob; worker: FakeWorker } {
    const rig = readyRigOf();
    const job = single('slow', { timeout: 50 });
    rig.executor.submit(job);
    return { rig, job, worker: first(rig) };
  }

  it('counts from the start of the task', () => {
    const { job, worker } = limited();
    jest.advanceTimersByTime(1000);
    expect(job.outcomes.size).toBe(0);
    worker.begin();
    jest.advanceTimersByTime(49);
    expect(job.outcomes.size).toBe(0);
    jest.advanceTimersByTime(2);
    expect(job.results).toEqual([expect.any(TaskTimeoutError)]);
  });

  it('asks the task to end, and keeps its worker if it does so in time', () => {
    const { rig, job, worker } = limited();
    const task = worker.begin();
    jest.advanceTimersByTime(51);
    expect(worker.told('abort')).toEqual([{ type: 'abort', task: task?.number, reason: expect.any(TaskTimeoutError) }]);
    jest.advanceTimersByTime(900);
    worker.answer('too late');
    jest.advanceTimersByTime(5000);
    expect([worker.killed, job.settledOnce]).toEqual([false, true]);
    expect(rig.executor.stats()).toMatchObject({ workers: { ready: 1 }, completed: 0, failed: 1 });
  });

  it('kills the worker of a task that does not end within the grace period', () => {
    const { rig, worker } = limited();
    worker.begin();
    jest.advanceTimersByTime(50);
    jest.advanceTimersByTime(998);
    expect(worker.killed).toBe(false);
    jest.advanceTimersByTime(4);
    expect(worker.killed).toBe(true);
    heal(rig);
    expect(rig.executor.stats()).toMatchObject({ workers: { ready: 1 }, replaced: { timeout: 1, died: 0 } });
  });

  it('kills no worker whose answer has come while this program was busy', () => {
    const { job, worker } = limited();
    worker.begin();
    jest.advanceTimersByTime(51);
    // It is read in the turn in which the grace period ends, right after that.
    setTimeout(() => worker.answer('stopped'), 999);
    jest.advanceTimersByTime(5000);
    expect([worker.killed, job.settledOnce]).toEqual([false, true]);
  });

  it('gives such a worker nothing more, and takes back what it has not begun', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { timeout: 50, chunksize: 3 });
    rig.executor.submit(job);
    first(rig).begin();
    jest.advanceTimersByTime(51);
    rig.executor.submit(single('other'));
    expect(first(rig).told('run')).toHaveLength(1);
    jest.advanceTimersByTime(1001);
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([expect.any(TaskTimeoutError), 1, 2]);
    expect(job.settledOnce).toBe(true);
  });

  it('is not past for a task whose answer has come while this program was busy', () => {
    const { job, worker } = limited();
    worker.begin();
    // The answer is read in the turn in which the timer fires, right after it.
    setTimeout(() => worker.answer('in time'), 50);
    jest.advanceTimersByTime(51);
    expect(job.results).toEqual(['in time']);
    jest.advanceTimersByTime(5000);
    expect(worker.killed).toBe(false);
  });

  it('stops no task that has not begun, between two tasks of a chunk', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(2), { timeout: 50, chunksize: 2 });
    rig.executor.submit(job);
    first(rig).work(1);
    jest.advanceTimersByTime(5000);
    expect(first(rig).told('abort')).toEqual([]);
    expect(first(rig).killed).toBe(false);
    heal(rig);
    for (const worker of rig.transport.living) worker.work();
    expect(job.results).toEqual([0, 1]);
  });

  it('leaves the next task of its chunk alone, which the worker has begun meanwhile', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(2), { timeout: 50, chunksize: 2 });
    rig.executor.submit(job);
    first(rig).begin();
    // Both answers are on their way when the time is up.
    const answers = [...first(rig).running.splice(0), first(rig).begin()];
    jest.advanceTimersByTime(51);
    expect(job.results).toEqual([expect.any(TaskTimeoutError), undefined]);
    for (const [value, task] of answers.entries())
      first(rig).say({ type: 'settled', runs: [{ first: task?.number ?? 0, values: [value], errors: [], ms: 1 }] });
    jest.advanceTimersByTime(5000);
    expect(job.results).toEqual([expect.any(TaskTimeoutError), 1]);
    expect([job.settledOnce, first(rig).killed]).toEqual([true, false]);
  });

  it('of a task whose arguments have moved, like those behind it, gives these their time', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { timeout: 50, chunksize: 3 });
    rig.executor.submit(job);
    first(rig).moved = 3;
    first(rig).begin();
    jest.advanceTimersByTime(51);
    first(rig).answer('too late');
    first(rig).begin();
    first(rig).answer(1);
    first(rig).begin();
    jest.advanceTimersByTime(51);
    expect(job.results).toEqual([expect.any(TaskTimeoutError), 1, expect.any(TaskTimeoutError)]);
    jest.advanceTimersByTime(1001);
    expect(first(rig).killed).toBe(true);
  });

  it('starts anew for each task of a chunk', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(4), { timeout: 50, chunksize: 4 });
    rig.executor.submit(job);
    for (let n = 0; n < 4; n++) {
      first(rig).begin();
      jest.advanceTimersByTime(40);
      first(rig).answer();
    }
    expect(job.results).toEqual(range(4));
  });

  it('where nothing can be killed, rejects on time and frees the place for others', () => {
    const rig = readyRigOf({}, { canKill: false });
    const job = single('endless', { timeout: 50 });
    rig.executor.submit(job);
    first(rig).begin();
    const next = single('next');
    rig.executor.submit(next);
    jest.advanceTimersByTime(5000);
    expect(job.results).toEqual([expect.any(TaskTimeoutError)]);
    expect(first(rig).killed).toBe(false);
    first(rig).begin();
    first(rig).answer('dropped');
    first(rig).work();
    expect([job.settledOnce, next.results]).toEqual([true, ['next']]);
  });
});

describe('a worker with several tasks at once', () => {
  it('has the limit of what it does not begin come when it has nothing else to do', () => {
    const rig = readyRigOf({ concurrency: 2 });
    const [before, never] = [single('before'), single('never', { timeout: 50 })];
    rig.executor.submit(before);
    first(rig).begin();
    rig.executor.submit(never);
    jest.advanceTimersByTime(60_000);
    expect(never.outcomes.size).toBe(0);
    first(rig).answer();
    jest.advanceTimersByTime(30_100);
    expect(never.results).toEqual([expect.any(TaskTimeoutError)]);
  });
});

describe('abort', () => {
  it('gives a worker that loads a module for the task a grace period, and the next one twice as long', () => {
    const rig = readyRigOf();
    for (const [worker, ms] of [
      [first, 1000],
      [second, 2000],
    ] as const) {
      const job = single('slow');
      rig.executor.submit(job);
      worker(rig).marks.load(1);
      job.open = false;
      rig.executor.abort(job, 'enough');
      jest.advanceTimersByTime(ms - 2);
      expect(worker(rig).killed).toBe(false);
      jest.advanceTimersByTime(4);
      expect(worker(rig).killed).toBe(true);
      heal(rig);
    }
    expect(rig.executor.stats().replaced).toMatchObject({ aborted: 2, died: 0 });
  });

  it('rejects what runs with the reason at once, stops it, and drops the rest', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(5), { abortable: true, chunksize: 3 });
    rig.executor.submit(job);
    first(rig).work(1);
    const task = first(rig).begin();
    job.open = false;
    rig.executor.abort(job, 'enough');
    expect(first(rig).told('abort')).toEqual([{ type: 'abort', task: task?.number, reason: 'enough' }]);
    expect(job.results).toEqual([0, 'enough', undefined, undefined, undefined]);
    expect(job.withdrawnTasks).toBe(job.taken - 2);
    jest.advanceTimersByTime(1001);
    expect(first(rig).killed).toBe(true);
    heal(rig);
    expect(rig.executor.stats().replaced.aborted).toBe(1);
    expect(job.outcomes.size).toBe(2);
  });

  it('harms no other job that the worker was given', () => {
    const rig = readyRigOf();
    warmUp(rig);
    const job = single('stopped', { abortable: true });
    const others = range(5).map((item) => single(item));
    for (const one of [job, ...others]) rig.executor.submit(one);
    first(rig).begin();
    job.open = false;
    rig.executor.abort(job, 'enough');
    jest.advanceTimersByTime(1001);
    heal(rig);
    second(rig).work();
    expect(others.map(({ results }) => results)).toEqual(range(5).map((item) => [item]));
  });

  it('kills no worker for a task that it has not come to, and it does when it has', () => {
    const rig = readyRigOf();
    warmUp(rig);
    const job = new FakeJob(range(2), { abortable: true, chunksize: 2 });
    for (const one of [single('innocent'), job]) rig.executor.submit(one);
    first(rig).begin();
    first(rig).moved = Infinity;
    job.open = false;
    rig.executor.abort(job, 'enough');
    expect(job.results).toEqual(['enough', 'enough']);
    jest.advanceTimersByTime(10_000);
    expect(first(rig).killed).toBe(false);
    first(rig).answer();
    for (const _ of range(2)) {
      first(rig).begin();
      expect(first(rig).killed).toBe(false);
      jest.advanceTimersByTime(900);
      if (first(rig).running[0]?.item === 0) first(rig).answer();
    }
    jest.advanceTimersByTime(2000);
    expect([first(rig).killed, job.settledOnce]).toEqual([true, true]);
  });

  it('of a job that waits gives no task of it away', () => {
    const rig = readyRigOf();
    rig.executor.submit(single('long'));
    first(rig).begin();
    const job = new FakeJob(range(5), { abortable: true });
    rig.executor.submit(job);
    job.open = false;
    rig.executor.abort(job, 'enough');
    first(rig).work();
    expect([job.taken, first(rig).told('abort')]).toEqual([0, []]);
  });
});
