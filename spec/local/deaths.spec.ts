import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { taskOf } from '#lib/task-of.js';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { first, heal, items, lost, readyRigOf, rigOf, second, turn, warmUp } from '../fixtures/fake-rig.js';
import type { FakeWorker } from '../fixtures/fake-transport.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a worker that dies', () => {
  it('fails the task that it ran, and no other: what had not begun runs elsewhere', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(5), { chunksize: 5 });
    rig.executor.submit(job);
    first(rig).work(1);
    first(rig).begin();
    first(rig).exit({ exitCode: 3, signal: null });
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([0, lost(1), 2, 3, 4]);
    expect(job.results[1]).toMatchObject({ exitCode: 3, signal: null, pid: 1, stderr: [] });
    expect(taskOf(job.results[1])).toEqual({ index: 1, attempt: 1, pid: 1 });
    expect(job.settledOnce).toBe(true);
  });

  it('fails nothing when it had begun nothing', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).exit();
    expect(rig.executor.stats()).toMatchObject({ held: 3, running: 0 });
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([0, 1, 2]);
  });

  it('fails the task that it names, though that had yet to begin', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).marks.load(1);
    first(rig).say({ type: 'dying', task: 1 });
    first(rig).exit();
    expect(job.results).toEqual([lost(1)]);
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([lost(1), 1, 2]);
    expect(job.settledOnce).toBe(true);
  });

  it('fails the task that it names, though that had yet to begin, and with it what ran beside it', () => {
    const rig = readyRigOf({ concurrency: 2 });
    const jobs = [single('runs'), single('loads')];
    for (const job of jobs) rig.executor.submit(job);
    first(rig).begin();
    first(rig).marks.load(2);
    first(rig).say({ type: 'dying', task: 2 });
    first(rig).exit();
    expect(jobs.map(({ results }) => results)).toEqual([[lost(2)], [lost(1)]]);
  });

  it('while it loads a module for a task has that tried alone, and fails what ran beside it', () => {
    const rig = readyRigOf({ concurrency: 2 });
    const jobs = [single('runs'), single('loads')];
    for (const job of jobs) rig.executor.submit(job);
    first(rig).begin();
    first(rig).marks.load(2);
    first(rig).exit();
    expect(jobs.map(({ results }) => results)).toEqual([[lost(1)], []]);
    const other = single('other');
    rig.executor.submit(other);
    for (let tries = 1; tries < 3; tries++) {
      heal(rig);
      const worker = rig.workers.at(-1) as FakeWorker;
      expect(items(worker)).toEqual(['loads']);
      worker.marks.load(1);
      worker.exit();
      jest.advanceTimersByTime(1000);
    }
    expect(jobs[1]?.results).toEqual([lost(1)]);
    heal(rig);
    (rig.workers.at(-1) as FakeWorker).work();
    expect(other.results).toEqual(['other']);
  });

  it('when it had begun nothing, time and again, fails what was first, which it was given alone', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    for (const alone of [[0, 1, 2], [0], [0]]) {
      const worker = rig.workers.at(-1) as FakeWorker;
      expect([worker.waiting.map(({ item }) => item), job.outcomes.size]).toEqual([alone, 0]);
      worker.exit();
      jest.advanceTimersByTime(1000);
      heal(rig);
    }
    expect(job.results).toEqual([lost(1)]);
    (rig.workers.at(-1) as FakeWorker).work();
    expect(job.results).toEqual([lost(1), 1, 2]);
    expect([job.settledOnce, rig.executor.stats().failed]).toEqual([true, 1]);
  });

  it('when it had begun nothing but by chance fails nothing, though that happens to others as well', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(4), { chunksize: 4 });
    rig.executor.submit(job);
    for (let done = 0; done < 4; done++) {
      (rig.workers.at(-1) as FakeWorker).exit();
      jest.advanceTimersByTime(5000);
      heal(rig);
      (rig.workers.at(-1) as FakeWorker).work(1);
      expect(job.results).toEqual(range(done + 1));
    }
    expect(job.settledOnce).toBe(true);
  });

  it('shares the blame among all that were marked together', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(10), { chunksize: 10 });
    rig.executor.submit(job);
    first(rig).marks.begin(4);
    first(rig).exit();
    expect(job.results.slice(0, 5)).toEqual([lost(4), lost(4), lost(4), lost(4), undefined]);
    heal(rig);
    second(rig).work();
    expect(job.results.slice(4)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('leaves what it has kept: those tasks keep their outcomes', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(6), { chunksize: 6 });
    rig.executor.submit(job);
    first(rig).work(1);
    for (let begun = 0; begun < 3; begun++) first(rig).begin();
    first(rig).keep();
    first(rig).exit();
    expect(job.results).toEqual([0, 1, 2, lost(1)]);
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([0, 1, 2, lost(1), 4, 5]);
    expect(job.settledOnce).toBe(true);
    expect(rig.executor.stats()).toMatchObject({ completed: 5, failed: 1, runTime: { count: 5 } });
  });

  it('has its marks read before anybody hears what it has kept: they may end the pool, and close their file', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).begin();
    first(rig).begin();
    first(rig).keep();
    const read = jest.spyOn(first(rig).marks, 'begun');
    const fulfilled = jest.spyOn(job, 'fulfilled').mockImplementationOnce(() => {
      read.mockImplementation(() => {
        throw new Error('EBADF');
      });
    });
    first(rig).exit();
    expect(fulfilled).toHaveBeenCalledTimes(1);
    expect(job.results[1]).toEqual(lost(1));
  });

  it('leaves nothing that it has sent as well', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).work(2);
    first(rig).begin();
    first(rig).marks.keeping = { first: 1, values: ['no', 'no'], errors: [], ms: 1 };
    first(rig).exit();
    expect(job.results).toEqual([0, 1, lost(1)]);
    expect(rig.executor.stats()).toMatchObject({ completed: 2, failed: 1, runTime: { count: 2 } });
  });

  it('names its task when it can, and then no other is to blame', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(10), { chunksize: 10 });
    rig.executor.submit(job);
    first(rig).marks.begin(4);
    first(rig).say({ type: 'settled', runs: [{ first: 1, values: [0, 1], errors: [], ms: 0 }] });
    first(rig).say({ type: 'dying', task: 3, error: { value: 'uncaught' } });
    first(rig).exit({ exitCode: 1, signal: null });
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([0, 1, lost(1), 3, 4, 5, 6, 7, 8, 9]);
    expect(job.results[2]).toMatchObject({ cause: 'uncaught' });
  });

  it('names its task when it can, and then those that ran beside it share no blame that is theirs alone', () => {
    const rig = readyRigOf({ concurrency: 3 });
    const jobs = ['a', 'b', 'c'].map((item) => single(item));
    for (const job of jobs) rig.executor.submit(job);
    for (let begun = 0; begun < 3; begun++) first(rig).begin();
    first(rig).say({ type: 'dying', task: 2 });
    first(rig).exit({ exitCode: 3, signal: null });
    expect(jobs.flatMap(({ results }) => results)).toEqual([lost(3), lost(1), lost(3)]);
  });

  it('is replaced, and counted', () => {
    const rig = readyRigOf({ processes: 2 });
    first(rig).exit();
    turn();
    expect(rig.workers).toHaveLength(3);
    expect(rig.executor.stats()).toMatchObject({ workers: { starting: 1, ready: 1 }, replaced: { died: 1 } });
  });

  it('leaves the callbacks of its tasks free to do anything', () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(4), { chunksize: 2, abortable: true });
    const other = new FakeJob(range(4));
    job.onOutcome = () => {
      job.open = false;
      rig.executor.submit(other);
      rig.executor.abort(job, 'enough');
    };
    rig.executor.submit(job);
    first(rig).begin();
    second(rig).begin();
    first(rig).exit();
    heal(rig);
    expect(job.results.filter((outcome) => outcome !== undefined)).toEqual([lost(1), 'enough']);
    second(rig).work(1);
    heal(rig);
    while (!other.settledOnce) for (const worker of rig.transport.living) worker.work(1);
    expect(job.outcomes.size + job.withdrawnTasks).toBe(4);
  });
});

describe('a worker with several tasks at once', () => {
  it('takes them with it when it dies, and all share the blame', () => {
    const rig = readyRigOf({ concurrency: 3 });
    const job = new FakeJob(range(3));
    rig.executor.submit(job);
    for (let n = 0; n < 3; n++) first(rig).begin();
    first(rig).exit();
    expect(job.results).toEqual([lost(3), lost(3), lost(3)]);
  });
});

describe('a task with retries', () => {
  it('gets a worker that empties itself for it, where none can be started', () => {
    const rig = readyRigOf({ processes: 2, concurrency: 2 });
    const poison = single('poison', { retries: 1 });
    rig.executor.submit(poison);
    first(rig).begin();
    const others = range(4).map((n) => single(n));
    for (const other of others) rig.executor.submit(other);
    first(rig).exit();
    second(rig).begin();
    second(rig).begin();
    turn();
    rig.workers[2]?.exit({}, new Error('EAGAIN'));
    second(rig).answer();
    expect([second(rig).waiting.length, second(rig).running.length]).toEqual([0, 1]);
    second(rig).answer();
    expect(items(second(rig))).toEqual(['poison']);
    second(rig).work();
    second(rig).work();
    expect([poison.results, others.flatMap(({ results }) => results)]).toEqual([['poison'], [0, 1, 2, 3]]);
  });

  it('runs again when its worker died, and has its outcome then', () => {
    const rig = readyRigOf();
    const job = new FakeJob(['poison'], { retries: 1 });
    rig.executor.submit(job);
    first(rig).begin();
    first(rig).exit();
    expect(job.outcomes.size).toBe(0);
    heal(rig);
    expect(second(rig).begin()?.chunk).toMatchObject({ attempt: 2, exact: true });
    second(rig).answer('well');
    expect(job.results).toEqual(['well']);
  });

  it('is given up when the last attempt has failed', () => {
    const rig = readyRigOf();
    const job = new FakeJob(['poison'], { retries: 2 });
    rig.executor.submit(job);
    for (let attempt = 0; attempt < 3; attempt++) {
      const worker = rig.workers.at(-1) as FakeWorker;
      worker.begin();
      worker.exit();
      heal(rig);
    }
    expect(job.results).toEqual([lost(1)]);
    expect(taskOf(job.results[0])).toEqual({ index: 0, attempt: 3, pid: 3 });
  });

  it('travels alone when it runs again, so that it takes nobody with it', () => {
    const rig = readyRigOf({ processes: 2 });
    warmUp(rig);
    const job = new FakeJob(['p', 'q', 'r'], { retries: 1, chunksize: 3 });
    rig.executor.submit(job);
    first(rig).marks.begin(first(rig).waiting[2]?.number ?? 0);
    first(rig).exit();
    const bystanders = new FakeJob(range(50));
    rig.executor.submit(bystanders);
    for (let step = 0; step < 200; step++) {
      heal(rig);
      for (const worker of rig.transport.living) {
        const retried = worker.waiting.filter(({ chunk }) => chunk.attempt > 1).length;
        if (retried > 0) expect([retried, worker.waiting.length]).toEqual([1, 1]);
        worker.work(1);
      }
    }
    expect([job.settledOnce, bystanders.settledOnce]).toEqual([true, true]);
  });

  it('does not run again when it threw', () => {
    const rig = readyRigOf();
    const job = new FakeJob([1], { retries: 5 });
    rig.executor.submit(job);
    first(rig).begin();
    first(rig).fail('thrown');
    expect(job.results).toEqual(['thrown']);
    expect(first(rig).waiting).toEqual([]);
  });

  it('runs again where no worker is kept without need', () => {
    const rig = rigOf({ processes: 2, minProcesses: 0 });
    const job = new FakeJob(['poison'], { retries: 1 });
    rig.executor.submit(job);
    heal(rig);
    first(rig).begin();
    first(rig).exit();
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual(['poison']);
  });

  it('gets a worker started when those there are stay busy', () => {
    const rig = rigOf({ processes: 2, minProcesses: 1 });
    const long = single('long');
    const poison = new FakeJob(['poison'], { retries: 1 });
    rig.executor.submit(long);
    rig.executor.submit(poison);
    heal(rig);
    first(rig).begin();
    heal(rig);
    second(rig).begin();
    second(rig).exit();
    heal(rig);
    rig.workers[2]?.work();
    expect(poison.results).toEqual(['poison']);
  });

  it('is dropped when its job is given up before that', () => {
    const rig = readyRigOf();
    const job = new FakeJob(['poison'], { retries: 1 });
    rig.executor.submit(job);
    first(rig).begin();
    first(rig).exit();
    job.open = false;
    rig.executor.withdraw(job);
    expect(job.withdrawnTasks).toBe(1);
    heal(rig);
    expect(second(rig).waiting).toEqual([]);
  });
});
