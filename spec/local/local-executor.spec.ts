import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { taskOf } from '#lib/task-of.js';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { first, heal, items, readyRigOf, rigOf, second, turn, warmUp, type Rig } from '../fixtures/fake-rig.js';
import type { FakeWorker } from '../fixtures/fake-transport.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

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
});

describe('a worker with several tasks at once', () => {
  it('is given as many as its concurrency', () => {
    const rig = readyRigOf({ processes: 2, concurrency: 3 });
    const job = new FakeJob(range(10));
    rig.executor.submit(job);
    expect(rig.workers.map(({ waiting }) => waiting.length)).toEqual([3, 3]);
    while (!job.settledOnce) for (const worker of rig.workers) worker.work(1);
    expect(job.results).toEqual(range(10));
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
