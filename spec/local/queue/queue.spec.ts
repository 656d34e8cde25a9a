import { describe, expect, it } from '@jest/globals';
import type { Chunk, Job } from '#lib/executor.js';
import { slice } from '#lib/local/queue/chunks.js';
import { Queue } from '#lib/local/queue/queue.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** One task at a time. */
const one = (): number => 1;
/** All that there is. */
const all = (): number => Infinity;

function takeAll(queue: Queue, limit = one): Chunk[] {
  const chunks: Chunk[] = [];
  for (let chunk = queue.take(limit); chunk !== undefined; chunk = queue.take(limit)) chunks.push(chunk);
  return chunks;
}

/** Whose turns they were, by name. */
function turns(chunks: readonly Chunk[], names: Readonly<Record<string, Job>>): string {
  return chunks.map(({ job }) => Object.keys(names).find((name) => names[name] === job) ?? '?').join('');
}

function queueOf(...jobs: Job[]): Queue {
  const queue = new Queue();
  for (const job of jobs) queue.add(job);
  return queue;
}

describe('a queue', () => {
  it('is empty at first, and gives nothing', () => {
    const queue = new Queue();
    expect([queue.empty, queue.waiting(), queue.returned, queue.take(one)]).toEqual([true, 0, 0, undefined]);
  });

  it('keeps nothing of calls that were given back together and have ended, though nobody takes them any more', () => {
    const { call } = single(0);
    const calls = range(6).map((n) => Object.assign(single(n), { call }));
    const queue = queueOf(...calls);
    queue.giveBack(queue.take(all) as Chunk);
    expect([queue.waiting(), queue.returned]).toEqual([6, 6]);
    for (const job of calls) {
      job.open = false;
      queue.forget(job);
    }
    expect([queue.waiting(), queue.returned, queue.empty]).toEqual([0, 0, true]);
  });

  it('gives the tasks of a map in order, as many as it is asked for', () => {
    const queue = queueOf(new FakeJob(range(5)));
    expect(queue.waiting()).toBe(5);
    expect(queue.take(() => 3)).toMatchObject({ index: 0, items: [0, 1, 2], attempt: 1 });
    expect(queue.take(all)).toMatchObject({ index: 3, items: [3, 4] });
    expect([queue.empty, queue.take(all)]).toEqual([true, undefined]);
  });

  it('asks how many of how many', () => {
    const job = new FakeJob(range(5));
    const asked: [Job, number, boolean][] = [];
    const ask = (...question: [Job, number, boolean]): number => asked.push(question);
    queueOf(job).take(ask);
    const queue = new Queue();
    queue.giveBack(new FakeJob(range(3)).take(3) as Chunk);
    queue.take(ask);
    expect(asked).toEqual([
      [job, 5, false],
      [expect.any(FakeJob), 3, true],
    ]);
  });

  it('gives each map a turn', () => {
    const [a, b, c] = [new FakeJob(range(3)), new FakeJob(range(1)), new FakeJob(range(2))];
    expect(turns(takeAll(queueOf(a, b, c)), { a, b, c })).toBe('abcaca');
  });

  it('gives all single calls one turn together', () => {
    const a = new FakeJob(range(3));
    const [s, t, u] = [single(1), single(2), single(3)];
    expect(turns(takeAll(queueOf(s, t, a, u)), { a, s, t, u })).toBe('sataua');
  });

  it('never lets a single call wait behind a whole map', () => {
    const a = new FakeJob(range(1000));
    const queue = queueOf(a);
    queue.take(one);
    const s = single('late');
    queue.add(s);
    expect(turns([queue.take(one), queue.take(one)] as Chunk[], { a, s })).toContain('s');
  });

  it('gives a job that is added twice one turn', () => {
    const [a, b] = [new FakeJob(range(2)), new FakeJob(range(2))];
    expect(turns(takeAll(queueOf(a, a, b, a)), { a, b })).toBe('abab');
  });

  it('goes through more single calls than it keeps places for', () => {
    const jobs = range(5000).map((item) => single(item));
    const queue = queueOf(...jobs);
    expect(queue.waiting()).toBe(5000);
    expect(takeAll(queue).map(({ job }) => job)).toEqual(jobs);
    expect(queue.waiting()).toBe(0);
  });

  it('keeps few of the single calls that were given up while they waited', () => {
    const queue = new Queue();
    const jobs = range(1000).map((n) => single(n));
    for (const job of jobs) {
      queue.add(job);
      if (jobs.indexOf(job) % 10 === 0) continue;
      job.open = false;
      queue.forget(job);
    }
    expect(queue.waiting()).toBeLessThanOrEqual(200);
    expect(takeAll(queue).map(({ job }) => job)).toEqual(jobs.filter(({ open }) => open));
  });

  it('keeps nothing of a map that was given up while it waited', () => {
    const [a, b] = [new FakeJob(range(3)), new FakeJob(range(3), { priority: 1 })];
    const queue = queueOf(a, b);
    for (const job of [a, b]) {
      job.open = false;
      queue.forget(job);
    }
    // Not even until it is asked for tasks again, which may be hours.
    expect([queue.empty, queue.foremost]).toEqual([true, undefined]);
  });

  it('keeps what is added while a map is given up by its own code', () => {
    const late = new FakeJob(range(1), { priority: 1 });
    const job = new FakeJob(range(1), { priority: 1 });
    const queue = queueOf(job);
    job.take = () => {
      job.open = false;
      queue.forget(job);
      queue.add(late);
      return undefined;
    };
    queue.take(one);
    expect([queue.take(one)?.job, queue.empty]).toEqual([late, true]);
  });

  it('says when what is added changes what is foremost', () => {
    const queue = new Queue();
    const added = (job: Job): boolean => queue.add(job);
    expect([added(new FakeJob(range(1))), added(new FakeJob(range(1)))]).toEqual([true, false]);
    expect([added(single(1)), added(single(2))]).toEqual([true, false]);
    expect([added(single(3, { priority: 1 })), added(single(4, { priority: -1 }))]).toEqual([true, false]);
  });

  it('passes over jobs that have nothing any more', () => {
    const [a, s, t] = [new FakeJob(range(2)), single(1), single(2)];
    const queue = queueOf(a, s, t);
    a.open = s.open = false;
    expect(queue.take(one)?.job).toBe(t);
    expect([queue.take(one), queue.empty]).toEqual([undefined, true]);
  });

  it('keeps what is added while it takes', () => {
    const late = single('late');
    const queue = new Queue();
    const job = new FakeJob([1]);
    // An input that submits another job, and then turns out to have ended.
    job.take = () => {
      job.open = false;
      queue.add(late);
      return undefined;
    };
    queue.add(job);
    queue.take(one);
    expect(queue.take(one)?.job).toBe(late);
    expect(queue.empty).toBe(true);
  });

  it('keeps what is given back while it takes', () => {
    const other = new FakeJob(range(2));
    const chunk = other.take(2) as Chunk;
    const queue = new Queue();
    const job = new FakeJob([1]);
    job.take = () => {
      job.open = false;
      queue.giveBack(chunk);
      return undefined;
    };
    queue.add(job);
    queue.take(all);
    expect(queue.take(all)).toEqual(chunk);
  });
});

describe('a queue with many maps', () => {
  /** So many maps of 3, and how often they were asked what waits of them. */
  function many(count: number) {
    const asked = { times: 0 };
    const jobs = range(count).map(() => {
      const job = new FakeJob(range(3));
      Object.defineProperty(job, 'waiting', { get: () => (asked.times++, 3 - job.taken) });
      return job;
    });
    return { queue: queueOf(...jobs), asked };
  }

  it('asks few of them for a chunk', () => {
    const { queue, asked } = many(1000);
    queue.take(one);
    expect(asked.times).toBeLessThan(10);
  });

  it('asks no more of them than it takes to know that enough waits', () => {
    const { queue, asked } = many(1000);
    expect([queue.waiting(10), asked.times]).toEqual([12, 4]);
    expect([queue.waiting(), asked.times]).toEqual([3000, 1004]);
  });
});

describe('priorities of a queue', () => {
  it('go before turns, the highest first', () => {
    const low = new FakeJob(range(2), { priority: -1 });
    const middle = new FakeJob(range(2));
    const high = new FakeJob(range(2), { priority: 7.5 });
    expect(turns(takeAll(queueOf(low, middle, high)), { l: low, m: middle, h: high })).toBe('hhmmll');
  });

  it('are heeded for what comes later', () => {
    const low = new FakeJob(range(3));
    const queue = queueOf(low);
    queue.take(one);
    const high = single(1, { priority: 1 });
    queue.add(high);
    expect(queue.take(one)?.job).toBe(high);
  });

  it('are kept apart, however many there are and whenever they come', () => {
    const priorities = range(1000).map((n) => ((n * 617) % 1000) - 500);
    const queue = queueOf(...priorities.map((priority) => single(1, { priority })));
    const taken = takeAll(queue).map(({ job }) => job.call.priority);
    expect(taken).toEqual(priorities.toSorted((a, b) => b - a));
  });

  it.each([
    ['rising', (n: number) => n],
    ['falling', (n: number) => -n],
  ])('that are all different cost little more than if they were the same: %s', (_, priorityOf) => {
    const msOf = (priority: (n: number) => number): number => {
      const jobs = range(10_000).map((n) => single(1, { priority: priority(n) }));
      const start = performance.now();
      takeAll(queueOf(...jobs));
      return performance.now() - start;
    };
    // To look at all of them each time would take hundreds of times as long.
    expect(msOf(priorityOf)).toBeLessThan(
      50 *
        Math.max(
          4,
          msOf(() => 1),
        ),
    );
  });

  it.each([
    ['rising', (n: number) => n],
    ['falling', (n: number) => -n],
  ])('that are all different leave nothing behind: %s', (_, priorityOf) => {
    const queue = new Queue();
    for (const n of range(5000)) {
      queue.add(single(n, { priority: priorityOf(n) }));
      queue.take(one);
    }
    // A level that stays behind is one more to look at, each time.
    const msOf = (some: Queue): number => {
      const start = performance.now();
      for (let n = 0; n < 20_000; n++) void (some.empty && some.waiting());
      return Math.max(1, performance.now() - start);
    };
    expect(msOf(queue)).toBeLessThan(200 * msOf(new Queue()));
  });
});

describe('tasks that are given back', () => {
  it('come first of their job, and are counted', () => {
    const job = new FakeJob(range(6));
    const queue = queueOf(job);
    const chunk = queue.take(() => 4) as Chunk;
    queue.giveBack(slice(chunk, 2));
    expect([queue.waiting(), queue.returned]).toEqual([4, 2]);
    expect(takeAll(queue, all).map(({ items }) => items)).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(queue.returned).toBe(0);
  });

  it('come in pieces of the size that is wanted', () => {
    const job = new FakeJob(range(5));
    const queue = queueOf(job);
    queue.giveBack(queue.take(all) as Chunk);
    expect(takeAll(queue, () => 2).map(({ index, items }) => [index, items])).toEqual([
      [0, [0, 1]],
      [2, [2, 3]],
      [4, [4]],
    ]);
  });

  it('come first of the single calls', () => {
    const [s, t] = [single(1), single(2)];
    const queue = queueOf(s, t);
    queue.giveBack(queue.take(one) as Chunk);
    expect([queue.waiting(), queue.returned]).toEqual([2, 1]);
    expect(turns(takeAll(queue), { s, t })).toBe('st');
  });

  it('give their job a turn again when it had none', () => {
    const job = new FakeJob(range(1));
    const queue = queueOf(job);
    const chunk = queue.take(one) as Chunk;
    expect(queue.empty).toBe(true);
    queue.giveBack(chunk);
    expect([queue.empty, queue.take(one)]).toEqual([false, chunk]);
  });

  it.each([
    ['a map', new FakeJob(range(2))],
    ['a single call', single(1)],
  ])('are returned when the job is forgotten: %s', (_, job) => {
    const other = new FakeJob(range(1));
    const queue = queueOf(job, other);
    const chunk = queue.take(all) as Chunk;
    queue.giveBack(chunk);
    expect(queue.forget(job)).toEqual([chunk]);
    expect(queue.forget(job)).toEqual([]);
    expect(queue.returned).toBe(0);
    expect(turns(takeAll(queue), { o: other })).toBe('o');
  });

  it('of a job that is not known are none', () => {
    expect(new Queue().forget(new FakeJob([]))).toEqual([]);
  });
});
