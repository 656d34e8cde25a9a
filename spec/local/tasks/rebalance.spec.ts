import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WorkerLostError } from '#lib/errors.js';
import type { Call, Chunk } from '#lib/executor.js';
import type { Flights } from '#lib/local/flights.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Queue } from '#lib/local/queue/queue.js';
import { Rebalance } from '#lib/local/tasks/rebalance.js';
import type { Workforce } from '#lib/local/workforce/workforce.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { first, heal, items, readyRigOf, rigOf, second, turn, warmUp, type Rig } from '../../fixtures/fake-rig.js';
import type { FakeWorker } from '../../fixtures/fake-transport.js';
import { range, until } from '../../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

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
  beforeEach(() => void jest.useRealTimers());

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

describe('a local executor', () => {
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
