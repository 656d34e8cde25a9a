import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { TaskTimeoutError, WorkerLostError } from '#lib/errors.js';
import type { Call } from '#lib/executor.js';
import { taskOf } from '#lib/task-of.js';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { heal, readyRigOf, rigOf, turn, type FakeWorker, type Rig } from '../fixtures/fake-transport.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const first = ({ workers }: Rig): FakeWorker => workers[0] as FakeWorker;
const second = ({ workers }: Rig): FakeWorker => workers[1] as FakeWorker;
const items = (worker: FakeWorker): unknown[] => worker.waiting.map(({ item }) => item);
const lost = (suspects: number): object => expect.objectContaining({ code: 'ERR_WORKER_LOST', suspects });

/** Lets a worker know, by its answers, that the tasks of the default function are tiny. */
function warmUp(rig: Rig, ms = 0.01): void {
  for (const worker of rig.workers) {
    rig.executor.submit(new FakeJob([0]));
    rig.workers.find(({ waiting }) => waiting.length > 0)?.workTogether(ms);
    expect(worker.waiting).toEqual([]);
  }
}

describe('a local executor', () => {
  it('gives waiting tasks to workers as they become ready, one to each', () => {
    const rig = rigOf({ processes: 3 });
    const job = new FakeJob(range(10));
    rig.executor.submit(job);
    turn();
    expect(rig.workers.map(items)).toEqual([[], [], []]);
    for (const worker of rig.workers) {
      worker.start();
      expect(worker.waiting).toHaveLength(1);
    }
    expect(rig.workers.map(items)).toEqual([[0], [1], [2]]);
  });

  it('hands outcomes to the job, and gives more', () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(5));
    rig.executor.submit(job);
    while (!job.settledOnce) for (const worker of rig.workers) worker.work(1);
    expect(job.results).toEqual(range(5));
    expect(rig.executor.stats()).toMatchObject({ completed: 5, failed: 0, running: 0, held: 0 });
  });

  it('rejects one task of many with what it threw', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(3));
    rig.executor.submit(job);
    first(rig).work(1);
    first(rig).begin();
    first(rig).fail(new RangeError('odd'));
    first(rig).work();
    expect(job.results).toEqual([0, expect.objectContaining({ name: 'RangeError', message: 'odd' }), 2]);
    expect(taskOf(job.results[1])).toEqual({ index: 1, attempt: 1, pid: 1 });
  });

  it('hands on what tasks report, with their index and attempt', () => {
    const rig = readyRigOf();
    const job = new FakeJob(['a', 'b']);
    rig.executor.submit(job);
    first(rig).work(1);
    const task = first(rig).begin();
    first(rig).say({ type: 'reported', task: task?.number ?? 0, value: 'half' });
    first(rig).answer();
    first(rig).say({ type: 'reported', task: task?.number ?? 0, value: 'too late' });
    expect(job.reports).toEqual([[1, 1, 'half']]);
  });

  it('sends a function once to each worker', () => {
    const rig = readyRigOf({ processes: 2 });
    for (const job of [new FakeJob(range(4)), new FakeJob(range(4))]) rig.executor.submit(job);
    for (let n = 0; n < 8; n++) for (const worker of rig.workers) worker.work(1);
    for (const worker of rig.workers) {
      expect(worker.told('run').flatMap(({ functions }) => functions)).toHaveLength(1);
    }
  });

  it('gives nothing to a worker while another that is idle could run it', () => {
    const rig = readyRigOf({ processes: 2 });
    warmUp(rig);
    rig.executor.submit(single('a'));
    rig.executor.submit(single('b'));
    expect(rig.workers.map(({ waiting }) => waiting.length)).toEqual([1, 1]);
  });

  it('sends nothing ahead while a worker is starting, however short the tasks are', () => {
    const rig = rigOf({ processes: 2 });
    turn();
    first(rig).start();
    rig.executor.submit(new FakeJob([0]));
    first(rig).workTogether(0.01);
    rig.executor.submit(new FakeJob(range(4), { chunksize: 1 }));
    const given = first(rig).told('run').length;
    rig.executor.submit(new FakeJob(range(4), { chunksize: 1 }));
    expect(first(rig).told('run')).toHaveLength(given);
    second(rig).start();
    expect(second(rig).waiting.length).toBeGreaterThan(0);
  });

  it('sends short tasks ahead of workers that are all busy, many in a message', () => {
    const rig = readyRigOf();
    warmUp(rig);
    const job = new FakeJob(range(1000));
    rig.executor.submit(job);
    expect(first(rig).told('run').length).toBeGreaterThan(2);
    expect(first(rig).told('run').length).toBeLessThan(20);
    while (!job.settledOnce) first(rig).workTogether(0.1);
    expect(job.results).toEqual(range(1000));
  });

  it('sends nothing ahead of a worker whose pipe has not taken what it was sent', () => {
    const rig = readyRigOf();
    warmUp(rig);
    rig.executor.submit(new FakeJob(range(10), { chunksize: 1 }));
    const given = first(rig).told('run').length;
    first(rig).congested = true;
    rig.executor.submit(new FakeJob(range(10), { chunksize: 1 }));
    expect(first(rig).told('run').length).toBe(given);
    first(rig).congested = false;
    first(rig).workTogether(0.1);
    expect(first(rig).told('run').length).toBeGreaterThan(given);
  });

  it('sends no long task ahead', () => {
    const rig = readyRigOf();
    warmUp(rig, 10);
    rig.executor.submit(new FakeJob(range(5)));
    expect(first(rig).waiting).toHaveLength(1);
  });

  it('cuts a chunk that cannot be encoded: the task to blame is rejected, and the others go', () => {
    const rig = readyRigOf();
    const job = new FakeJob([0, Symbol('bad'), 2], { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).work();
    expect(job.results).toEqual([0, expect.objectContaining({ code: 'ERR_SERIALIZATION', direction: 'argument' }), 2]);
    expect(job.settledOnce).toBe(true);
  });

  it('runs tasks of a job that was submitted while it took tasks of another', () => {
    const rig = readyRigOf();
    const inner = single('inner');
    const outer = new FakeJob([1]);
    outer.take = () => {
      outer.open = false;
      rig.executor.submit(inner);
      return undefined;
    };
    rig.executor.submit(outer);
    first(rig).work();
    expect(inner.results).toEqual(['inner']);
  });

  it('gives away no task of a job that the input of another has ended, though they would travel together', () => {
    const rig = readyRigOf();
    warmUp(rig);
    rig.executor.submit(single('before'));
    first(rig).begin();
    first(rig).congested = true;
    const ended = single('ended');
    const other = single('other');
    const take = other.take.bind(other);
    other.take = (limit) => {
      ended.open = false;
      return take(limit);
    };
    // So many that two travel together.
    for (const job of [ended, other, single(3), single(4)]) rig.executor.submit(job);
    first(rig).congested = false;
    first(rig).answer();
    expect(first(rig).waiting[0]?.item).toBe('other');
    first(rig).work();
    expect([ended.withdrawnTasks, ended.outcomes.size, other.settledOnce]).toEqual([1, 0, true]);
  });

  it('runs what is submitted after a job that was given up', () => {
    const rig = readyRigOf();
    const job = new FakeJob(range(5));
    rig.executor.submit(job);
    job.open = false;
    rig.executor.withdraw(job);
    first(rig).work();
    const next = single('next');
    rig.executor.submit(next);
    first(rig).work();
    expect(next.results).toEqual(['next']);
  });

  it('takes back what one worker has not begun while another is idle', () => {
    const rig = readyRigOf({ processes: 2 });
    warmUp(rig, 0.5);
    const job = new FakeJob(range(8), { chunksize: 4 });
    rig.executor.submit(job);
    second(rig).work();
    first(rig).begin();
    jest.advanceTimersByTime(20);
    second(rig).work();
    expect(job.outcomes.size).toBe(7);
    first(rig).answer();
    expect(first(rig).begin()).toBeUndefined();
    expect(job.settledOnce).toBe(true);
  });
});

describe('a worker whose task lasts', () => {
  it.each<[string, Partial<Call>, (rig: Rig) => FakeJob]>([
    ['a single call', {}, () => single('next')],
    ['a map of higher priority', {}, () => new FakeJob(['next'], { priority: 1 })],
    ['a single call of higher priority', { priority: -1 }, () => single('next')],
  ])('gives back what waits behind it for %s, and runs it afterwards', (_, call, before) => {
    const rig = readyRigOf({ maxtasksperchild: 5 });
    const job = new FakeJob(range(12), { chunksize: 5, ...call });
    rig.executor.submit(job);
    first(rig).begin();
    const next = before(rig);
    rig.executor.submit(next);
    jest.advanceTimersByTime(20);
    first(rig).answer();
    expect(first(rig).begin()?.item).toBe('next');
    while (!job.settledOnce) {
      for (const worker of rig.transport.living) worker.work();
      heal(rig);
    }
    expect([next.results, job.results]).toEqual([['next'], range(12)]);
  });

  it('keeps what is still on its way to it, whatever waits', () => {
    const rig = readyRigOf();
    rig.executor.submit(new FakeJob(range(5), { chunksize: 5 }));
    rig.executor.submit(single('next'));
    jest.advanceTimersByTime(20);
    expect(first(rig).begin()?.item).toBe(0);
    expect(items(first(rig))).toEqual([1, 2, 3, 4]);
    jest.advanceTimersByTime(20);
    first(rig).answer();
    expect(first(rig).begin()?.item).toBe('next');
  });

  it('keeps the task whose module it loads, though another worker is idle', () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(4), { chunksize: 4 });
    rig.executor.submit(job);
    first(rig).marks.load(1);
    jest.advanceTimersByTime(20);
    second(rig).work();
    expect(job.results).toEqual([undefined, 1, 2, 3]);
    expect(first(rig).begin()?.item).toBe(0);
  });

  it('is asked once where nothing of what it holds can be taken back', () => {
    // So that nobody else asks the marks.
    const rig = readyRigOf({ processes: 2, maxMemoryPerChild: 1e9 });
    rig.executor.submit(new FakeJob(range(4), { chunksize: 4 }));
    first(rig).begin();
    first(rig).moved = 4;
    const takeBack = jest.spyOn(first(rig).marks, 'begun');
    jest.advanceTimersByTime(1000);
    expect(takeBack.mock.calls.length).toBeLessThan(10);
  });

  it.each<[string, () => FakeJob]>([
    ['another map', () => new FakeJob(['next'])],
    ['a single call of lower priority', () => single('next', { priority: -1 })],
  ])('keeps what waits behind it when %s waits', (_, other) => {
    const rig = readyRigOf();
    rig.executor.submit(new FakeJob(range(5), { chunksize: 5 }));
    first(rig).begin();
    rig.executor.submit(other());
    jest.advanceTimersByTime(20);
    expect(items(first(rig))).toEqual([1, 2, 3, 4]);
    first(rig).answer();
    expect(first(rig).begin()?.item).toBe(1);
  });
});

describe('a worker that may get company', () => {
  it('gets it when what waits behind its task has waited for long', () => {
    const rig = rigOf({ processes: 2, minProcesses: 1 });
    turn();
    first(rig).start();
    warmUp(rig);
    const jobs = [single('long'), single('short')];
    for (const job of jobs) rig.executor.submit(job);
    first(rig).begin();
    expect([rig.workers.length, items(first(rig))]).toEqual([1, ['short']]);
    jest.advanceTimersByTime(20);
    heal(rig);
    second(rig).work();
    expect(jobs.map(({ results }) => results)).toEqual([[], ['short']]);
  });
});

describe('a worker that says nothing of what was taken back from it', () => {
  /** The first holds five tasks and begins none: the second, which has done its own, gets these as well. */
  function emptied(call: Partial<Call> = {}): { rig: Rig; job: FakeJob } {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(10), { chunksize: 5, ...call });
    rig.executor.submit(job);
    second(rig).work();
    jest.advanceTimersByTime(20);
    return { rig, job };
  }

  it('gets nothing more: another does', () => {
    const { rig, job } = emptied({ timeout: 100 });
    expect([items(second(rig)), first(rig).told('run').length]).toEqual([range(5), 1]);
    second(rig).work();
    expect([job.results, job.settledOnce]).toEqual([range(10), true]);
    const next = single('next');
    rig.executor.submit(next);
    expect(items(second(rig))).toEqual(['next']);
  });

  it('gets more when it has said so', () => {
    const { rig } = emptied();
    expect(first(rig).begin()).toBeUndefined();
    rig.executor.submit(single('next'));
    expect(items(first(rig))).toEqual(['next']);
  });

  it('is replaced when it has not said so in a startTimeout', () => {
    const { rig } = emptied();
    jest.advanceTimersByTime(29_000);
    expect(first(rig).killed).toBe(false);
    jest.advanceTimersByTime(1500);
    expect(first(rig).killed).toBe(true);
    heal(rig);
    expect(rig.executor.stats()).toMatchObject({ workers: { ready: 1, busy: 1 }, replaced: { died: 1 } });
  });

  it('is let be when it has said so meanwhile', () => {
    const { rig } = emptied();
    first(rig).begin();
    jest.advanceTimersByTime(60_000);
    expect(first(rig).killed).toBe(false);
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

  it('is given as many as its concurrency', () => {
    const rig = readyRigOf({ processes: 2, concurrency: 3 });
    const job = new FakeJob(range(10));
    rig.executor.submit(job);
    expect(rig.workers.map(({ waiting }) => waiting.length)).toEqual([3, 3]);
    while (!job.settledOnce) for (const worker of rig.workers) worker.work(1);
    expect(job.results).toEqual(range(10));
  });

  it('takes them with it when it dies, and all share the blame', () => {
    const rig = readyRigOf({ concurrency: 3 });
    const job = new FakeJob(range(3));
    rig.executor.submit(job);
    for (let n = 0; n < 3; n++) first(rig).begin();
    first(rig).exit();
    expect(job.results).toEqual([lost(3), lost(3), lost(3)]);
  });
});

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

describe('maxtasksperchild', () => {
  it.each([
    [1, 1],
    [3, 2],
    [3, 100],
  ])('of %d is exact with chunks of %d', (maxtasksperchild, chunksize) => {
    const rig = readyRigOf({ processes: 2, maxtasksperchild });
    const job = new FakeJob(range(20), { chunksize });
    rig.executor.submit(job);
    const ran = new Map<FakeWorker, number>();
    while (!job.settledOnce) {
      heal(rig);
      for (const worker of rig.transport.living) {
        if (worker.begin() === undefined) continue;
        worker.answer();
        ran.set(worker, (ran.get(worker) ?? 0) + 1);
      }
    }
    expect(Math.max(...ran.values())).toBe(maxtasksperchild);
    expect([...ran.values()].filter((count) => count < maxtasksperchild).length).toBeLessThanOrEqual(2);
  });

  it('does not count a task that was taken back', () => {
    const rig = readyRigOf({ maxtasksperchild: 2 });
    const job = new FakeJob(range(2), { chunksize: 2 });
    rig.executor.submit(job);
    first(rig).begin();
    job.open = false;
    rig.executor.withdraw(job);
    first(rig).answer();
    expect([first(rig).begin(), first(rig).asked]).toEqual([undefined, false]);
    rig.executor.submit(single('second'));
    first(rig).work(1);
    expect(first(rig).asked).toBe(true);
  });

  it('lets a worker go after a task that was stopped, where nothing can be killed', () => {
    const rig = readyRigOf({ maxtasksperchild: 1 }, { canKill: false });
    const job = single('endless', { abortable: true });
    rig.executor.submit(job);
    first(rig).begin();
    job.open = false;
    rig.executor.abort(job, 'enough');
    const next = single('next');
    rig.executor.submit(next);
    heal(rig);
    rig.transport.living[0]?.work();
    expect(next.results).toEqual(['next']);
  });
});

describe('maxMemoryPerChild', () => {
  it('replaces a worker that is over it after a task, and takes back what it has not begun', () => {
    const rig = readyRigOf({ maxMemoryPerChild: 100 });
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    const { number = 0 } = first(rig).begin() ?? {};
    first(rig).say({ type: 'settled', runs: [{ first: number, values: [0], errors: [], ms: 1 }], memory: 101 });
    expect(first(rig).asked).toBe(true);
    heal(rig);
    second(rig).work();
    expect(job.results).toEqual([0, 1, 2]);
    expect(rig.executor.stats().replaced.maxMemoryPerChild).toBe(1);
  });
});

describe('a worker that leaves while it holds what cannot be taken back', () => {
  it('is told once to run that, though it has more memory than it may have', () => {
    const rig = readyRigOf({ maxMemoryPerChild: 100 });
    const job = new FakeJob(range(3), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).moved = 3;
    first(rig).begin();
    first(rig).say({ type: 'unsound' });
    for (const value of range(3))
      first(rig).say({
        type: 'settled',
        runs: [{ first: value + 1, values: [value], errors: [], ms: 1 }],
        memory: 101,
      });
    expect([first(rig).told('resume').length, first(rig).asked]).toEqual([1, true]);
    expect(job.results).toEqual(range(3));
  });
});

describe('a command that a worker cannot read', () => {
  it('has its tasks run each alone, until it is known which is to blame', () => {
    const rig = readyRigOf();
    warmUp(rig);
    const job = new FakeJob(range(2), { chunksize: 2 });
    rig.executor.submit(job);
    first(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    heal(rig);
    second(rig).work(1);
    const other = single('other');
    rig.executor.submit(other);
    expect(second(rig).waiting.map(({ item }) => item)).toEqual([1]);
    second(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    heal(rig);
    for (const worker of rig.transport.living) worker.work();
    expect(job.results).toEqual([0, expect.objectContaining({ code: 'ERR_SERIALIZATION' })]);
    expect(other.results).toEqual(['other']);
  });
});

describe('a command that a worker cannot read, behind another', () => {
  it('keeps no task of that one from running, though its arguments have moved, and is itself told to be lost where its own have', () => {
    const rig = readyRigOf({ concurrency: 2 });
    const [before, unread] = [single('before'), single('lost')];
    for (const job of [before, unread]) rig.executor.submit(job);
    first(rig).moved = 2;
    first(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    expect([before.results, unread.results]).toEqual([
      [undefined],
      [expect.objectContaining({ code: 'ERR_SERIALIZATION' })],
    ]);
    first(rig).begin();
    first(rig).answer();
    expect([before.results, first(rig).asked]).toEqual([['before'], true]);
  });
});

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

describe('abort', () => {
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

describe('tasks that are taken back', () => {
  /** A worker that runs the first of five tasks, and a job to give up. */
  function taking(): { rig: Rig; job: FakeJob; worker: FakeWorker; giveUp: () => void } {
    const rig = readyRigOf();
    const job = new FakeJob(range(5), { chunksize: 5 });
    rig.executor.submit(job);
    first(rig).begin();
    const giveUp = (): void => {
      job.open = false;
      rig.executor.withdraw(job);
    };
    return { rig, job, worker: first(rig), giveUp };
  }

  it('are dropped when their job is over, and the worker declines them', () => {
    const { job, worker, giveUp } = taking();
    giveUp();
    worker.work();
    expect([job.outcomes.size, job.withdrawnTasks]).toEqual([1, 4]);
  });

  it('do not include one that begins just before', () => {
    const { job, worker, giveUp } = taking();
    worker.marks.beforeRecall = () => void (worker.answer(), worker.begin());
    giveUp();
    worker.marks.beforeRecall = () => {};
    worker.work();
    expect([job.outcomes.size, job.withdrawnTasks]).toEqual([2, 3]);
  });

  it('include one that wants to begin just after, which the worker then declines', () => {
    const { rig, job, worker, giveUp } = taking();
    worker.marks.afterRecall = () => {
      const [next] = worker.waiting;
      worker.running.shift();
      worker.marks.say(next?.number ?? 0);
    };
    giveUp();
    worker.marks.afterRecall = () => {};
    expect(job.withdrawnTasks).toBe(3);
    worker.say({ type: 'settled', runs: [{ first: 1, values: [0], errors: [], ms: 1 }] });
    const [next] = worker.waiting;
    expect(next && worker.heed(next, worker.marks.hear())).toBeUndefined();
    expect([job.outcomes.size, job.withdrawnTasks]).toEqual([1, 4]);
    expect(rig.executor.stats()).toMatchObject({ running: 0, held: 0, workers: { ready: 1 } });
  });

  it('stay taken back when more is taken back before the worker has seen it', () => {
    const rig = readyRigOf();
    warmUp(rig, 0.5);
    const worker = first(rig);
    // Short tasks, so that more is sent ahead while the first of them runs.
    const [job, other] = [new FakeJob(range(4), { chunksize: 4 }), new FakeJob(range(3), { chunksize: 3 })];
    rig.executor.submit(job);
    worker.begin();
    const [next] = worker.waiting;
    for (const each of [job, other]) {
      if (each === other) rig.executor.submit(other);
      each.open = false;
      rig.executor.withdraw(each);
    }
    expect([worker.told('run').length, other.withdrawnTasks]).toEqual([3, 3]);
    worker.marks.say(next?.number ?? 0);
    worker.answer();
    expect(next && worker.heed(next, worker.marks.hear())).toBeUndefined();
  });

  it('are never run by the old worker when they have been given to another', () => {
    const rig = readyRigOf({ processes: 2 });
    warmUp(rig, 0.5);
    const job = new FakeJob(range(8), { chunksize: 4 });
    rig.executor.submit(job);
    second(rig).work();
    first(rig).begin();
    jest.advanceTimersByTime(20);
    first(rig).exit();
    heal(rig);
    for (const worker of rig.transport.living) worker.work();
    expect(job.results.filter((outcome) => outcome instanceof WorkerLostError)).toHaveLength(1);
    expect(job.settledOnce).toBe(true);
  });
});

describe('close', () => {
  it('asks each worker to leave, and resolves when all are gone', async () => {
    const rig = readyRigOf({ processes: 2 });
    let closed = false;
    const closing = rig.executor.close().then(() => (closed = true));
    expect(rig.workers.map(({ asked }) => asked)).toEqual([true, true]);
    first(rig).exit();
    await Promise.resolve();
    expect([closed, rig.transport.closed]).toEqual([false, 0]);
    second(rig).exit();
    await closing;
    turn();
    expect([rig.workers.length, rig.transport.closed]).toEqual([2, 1]);
  });

  it.each<[string, (rig: Rig) => void]>([
    ['planned', () => {}],
    ['spawning', () => turn()],
    ['loaded and initialising', (rig) => (turn(), first(rig).say({ type: 'online' }))],
    ['ready', heal],
    ['gone', (rig) => (heal(rig), first(rig).exit())],
    ['pausing after a failed start', (rig) => (turn(), first(rig).exit())],
  ])('ends a worker that is %s', async (_, before) => {
    const rig = rigOf();
    before(rig);
    const closing = rig.executor.close();
    turn();
    rig.transport.bury();
    await closing;
    jest.advanceTimersByTime(60_000);
    expect([rig.transport.living, rig.transport.closed]).toEqual([[], 1]);
  });

  it('kills a worker that does not leave within the grace period', () => {
    const rig = readyRigOf();
    void rig.executor.close();
    jest.advanceTimersByTime(999);
    expect(first(rig).killed).toBe(false);
    jest.advanceTimersByTime(2);
    expect(first(rig).killed).toBe(true);
  });

  it('rejects whoever waits for the workers to be ready', async () => {
    const rig = rigOf();
    let fate = 'pending';
    const ready = rig.executor.ready();
    void ready.then(
      () => (fate = 'ready'),
      () => (fate = 'rejected'),
    );
    const closing = rig.executor.close();
    turn();
    rig.transport.bury();
    await closing;
    for (let n = 0; n < 10; n++) await Promise.resolve();
    expect(fate).toBe('rejected');
  });
});

describe('terminate', () => {
  it('kills each worker at once, and resolves when all are gone', async () => {
    const rig = readyRigOf({ processes: 2 });
    const job = new FakeJob(range(4));
    rig.executor.submit(job);
    first(rig).begin();
    job.open = false;
    rig.executor.withdraw(job);
    const terminated = rig.executor.terminate();
    expect(rig.workers.map(({ killed }) => killed)).toEqual([true, true]);
    rig.transport.bury();
    await terminated;
    turn();
    expect(rig.workers).toHaveLength(2);
  });

  it('can follow close', async () => {
    const rig = readyRigOf();
    const closing = rig.executor.close();
    const terminated = rig.executor.terminate();
    expect(first(rig).killed).toBe(true);
    rig.transport.bury();
    await Promise.all([closing, terminated]);
  });

  it('sets no time limit off any more', () => {
    const rig = readyRigOf();
    const job = single('slow', { timeout: 50 });
    rig.executor.submit(job);
    first(rig).begin();
    void rig.executor.terminate();
    jest.advanceTimersByTime(5000);
    expect(job.outcomes.size).toBe(0);
  });
});

describe('stats', () => {
  it('count tasks by what has become of them, and workers by their state', () => {
    const rig = readyRigOf({ processes: 3 });
    const job = new FakeJob(range(7), { chunksize: 3 });
    rig.executor.submit(job);
    first(rig).begin();
    expect(rig.executor.stats()).toMatchObject({
      workers: { starting: 0, ready: 0, busy: 3, retiring: 0 },
      running: 3,
      held: 4,
      completed: 0,
      failed: 0,
    });
    first(rig).fail('no');
    second(rig).exit();
    expect(rig.executor.stats()).toMatchObject({ workers: { ready: 0, busy: 2 }, running: 2, failed: 1 });
  });

  it('tell how long tasks waited and ran, and how busy the workers were', () => {
    const rig = readyRigOf();
    jest.advanceTimersByTime(100);
    rig.executor.submit(single('a'));
    jest.advanceTimersByTime(100);
    first(rig).work();
    const { waitTime, runTime, utilization } = rig.executor.stats();
    expect(runTime).toMatchObject({ count: 1, mean: 1, max: 1 });
    expect(waitTime).toMatchObject({ count: 1, mean: 0 });
    expect(utilization).toBeCloseTo(0.5);
  });

  it.each(['close', 'terminate'] as const)('count no time after the end of the workers by %s', async (how) => {
    const rig = readyRigOf();
    rig.executor.submit(single('a'));
    jest.advanceTimersByTime(100);
    first(rig).work();
    const ended = rig.executor[how]();
    first(rig).exit();
    await ended;
    const { utilization } = rig.executor.stats();
    jest.advanceTimersByTime(10_000);
    expect(utilization).toBeGreaterThan(0.9);
    expect(rig.executor.stats().utilization).toBe(utilization);
  });
});

describe('any sequence of events', () => {
  /** What can happen next; `at` chooses among the workers that can do it, or the jobs. */
  const step = fc.record({
    what: fc.constantFrom(
      ...(['online', 'begin', 'begin', 'begin', 'answer', 'answer', 'answer', 'fail', 'report', 'exit'] as const),
      ...(['time', 'turn', 'submit', 'submit', 'abort', 'withdraw', 'race', 'unsound', 'failToStart', 'bury'] as const),
    ),
    at: fc.nat({ max: 9 }),
  });
  const call = fc.record({
    chunksize: fc.constantFrom(undefined, 1, 2, 5),
    retries: fc.nat({ max: 2 }),
    timeout: fc.constantFrom(Infinity, Infinity, 30),
    priority: fc.constantFrom(0, 0, 1),
    abortable: fc.boolean(),
    single: fc.boolean(),
  });
  const options = fc.record({
    processes: fc.integer({ min: 1, max: 3 }),
    concurrency: fc.constantFrom(1, 1, 2),
    maxtasksperchild: fc.constantFrom(Infinity, Infinity, 1, 3),
    gracePeriod: fc.constantFrom(0, 100),
    minProcesses: fc.constantFrom(undefined, 0, 1),
    idleTimeout: fc.constantFrom(Infinity, 20),
    cores: fc.integer({ min: 1, max: 4 }),
    canKill: fc.boolean(),
  });

  it('settles every task exactly once, and never has more workers initialised than processes', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(call, { minLength: 1, maxLength: 8 }),
        fc.array(step, { maxLength: 80 }),
        (...game) => play(...game),
      ),
      { numRuns: 1000 },
    );
  });

  type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;
  type Calls = typeof call extends fc.Arbitrary<infer T> ? T[] : never;
  type Steps = typeof step extends fc.Arbitrary<infer T> ? T[] : never;

  function play({ canKill, minProcesses, ...given }: Options, calls: Calls, steps: Steps): void {
    const processes = given.processes;
    const rig = rigOf({ ...given, minProcesses: Math.min(minProcesses ?? processes, processes) }, { canKill });
    const jobs: FakeJob[] = [];
    const waiting = calls.map(({ single: alone, ...rest }) =>
      alone ? single('one', rest) : new FakeJob(range(1 + jobs.length + (rest.chunksize ?? 3)), rest),
    );
    const choose = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];
    const give = (job: FakeJob, how: 'abort' | 'withdraw'): void => {
      if (!job.open) return;
      job.open = false;
      if (how === 'abort') rig.executor.abort(job, 'given up');
      else rig.executor.withdraw(job);
    };
    const happen = ({ what, at }: Steps[number]): void => {
      const { living } = rig.transport;
      const initialised = living.filter((worker) => worker.told('initialise').length > 0);
      switch (what) {
        case 'online': {
          const worker = choose(
            living.filter((one) => one.told('initialise').length === 0),
            at,
          );
          if (worker === undefined) return;
          worker.say({ type: 'online' });
          if (worker.told('initialise').length > 0) worker.say({ type: 'initialised' });
          return;
        }
        case 'failToStart': {
          // Now and then: three in a row with none alive would break it.
          const worker = choose(
            living.filter((one) => one.told('initialise').length === 0),
            at,
          );
          if (worker !== undefined && initialised.some(({ killed }) => !killed)) worker.exit({}, new Error('EAGAIN'));
          return;
        }
        case 'begin': {
          const worker = choose(
            initialised.filter(({ running }) => running.length < given.concurrency),
            at,
          );
          return void worker?.begin();
        }
        case 'answer':
          return choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          )?.answer();
        case 'fail':
          return choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          )?.fail('thrown');
        case 'report': {
          const worker = choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          );
          return worker?.say({ type: 'reported', task: worker.running[0]?.number ?? 0, value: 'half' });
        }
        case 'unsound':
          return at === 0 ? choose(initialised, at)?.say({ type: 'unsound' }) : undefined;
        case 'exit':
          return canKill && at < 3 ? choose(initialised, at)?.exit() : undefined;
        case 'bury':
          return rig.transport.bury();
        case 'time':
          jest.advanceTimersByTime(at * 20);
          return;
        case 'turn':
          return turn();
        case 'submit': {
          const job = waiting.shift();
          if (job === undefined) return;
          jobs.push(job);
          return rig.executor.submit(job);
        }
        case 'abort': {
          const job = choose(jobs, at);
          return job?.call.abortable ? give(job, 'abort') : undefined;
        }
        case 'withdraw': {
          const job = choose(jobs, at);
          return at === 0 && job ? give(job, 'withdraw') : undefined;
        }
        case 'race': {
          // A worker begins a task in the middle of what the master does.
          const worker = choose(
            initialised.filter(({ running, waiting: w }) => running.length === 0 && w.length > 0),
            at,
          );
          if (worker === undefined) return;
          const hook = at % 2 === 0 ? 'beforeRecall' : 'afterRecall';
          worker.marks[hook] = () => {
            worker.marks[hook] = () => {};
            const [next] = worker.waiting;
            if (next === undefined) return;
            const recall = worker.marks.begin(next.number);
            // Its report comes in a later turn.
            setImmediate(() => !worker.gone && worker.waiting[0] === next && worker.heed(next, recall));
          };
          return;
        }
        default:
          return what satisfies never;
      }
    };
    const check = (): void => {
      const { living } = rig.transport;
      const initialised = living.filter((worker) => worker.told('initialise').length > 0);
      expect(initialised.length).toBeLessThanOrEqual(processes);
      expect(living.length).toBeLessThanOrEqual(processes + initialised.length);
      for (const job of jobs) for (const outcomes of job.outcomes.values()) expect(outcomes).toHaveLength(1);
    };

    for (const one of steps) {
      happen(one);
      check();
    }
    for (const job of waiting.splice(0)) {
      jobs.push(job);
      rig.executor.submit(job);
    }
    // From now on all goes well.
    const done = (job: FakeJob): boolean => !job.open || job.settledOnce;
    for (let round = 0; round < 300 && !jobs.every(done); round++) {
      heal(rig);
      for (const worker of rig.transport.living) worker.work(3);
      jest.advanceTimersByTime(60);
      check();
    }
    expect(rig.broken).toEqual([]);
    expect(jobs.filter((job) => !done(job)).map(({ call: { single: alone } }) => alone)).toEqual([]);
    for (const job of jobs)
      if (!job.open) expect(job.outcomes.size + job.withdrawnTasks).toBeLessThanOrEqual(job.taken);
    void rig.executor.close();
    for (let round = 0; round < 20 && rig.transport.living.length > 0; round++) {
      for (const worker of rig.transport.living) worker.work();
      jest.advanceTimersByTime(200);
      rig.transport.bury();
    }
    expect(rig.transport.living).toEqual([]);
    jest.clearAllTimers();
  }
});
