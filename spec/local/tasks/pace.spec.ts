import { describe, expect, it } from '@jest/globals';
import type { Chunk } from '#lib/executor.js';
import { Pace } from '#lib/local/tasks/pace.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

const job = (): FakeJob => new FakeJob(range(100_000));

/** A pace that has seen `count` tasks of `ms` each. */
function paceOf(ms: number, count = 1, cores = 8): Pace {
  const pace = new Pace(cores);
  pace.record(job(), ms, count);
  return pace;
}

describe('the pace of a function', () => {
  it('is not known at first: its tasks travel alone', () => {
    const pace = new Pace(8);
    expect(pace.of(job())).toBe(Infinity);
    expect(pace.chunksize(job(), 100_000, 2)).toBe(1);
  });

  it('is what its first tasks took', () => {
    expect(paceOf(3).of(job())).toBe(3);
    expect(paceOf(0.5, 10).of(job())).toBe(0.5);
  });

  it('follows one slow task by less than a third', () => {
    const pace = paceOf(1);
    pace.record(job(), 101, 1);
    expect(pace.of(job())).toBeCloseTo(31);
  });

  it('follows a fast message at once: the first task may have loaded its module', () => {
    const pace = paceOf(50);
    pace.record(job(), 0.1, 4);
    expect(pace.of(job())).toBeCloseTo(0.1);
  });

  it('is one for all jobs of the function, and of no other function', () => {
    const pace = paceOf(3);
    const other = new FakeJob([], { reference: { kind: 'global', path: ['parseInt'] } });
    expect([pace.of(job()), pace.of(other)]).toEqual([3, Infinity]);
  });

  it('of tasks that took no time at all is no obstacle', () => {
    const pace = paceOf(0);
    expect(pace.chunksize(job(), 100_000, 2)).toBe(4096);
    expect(pace.chunksize(job(), 3, 2)).toBe(1);
  });
});

describe('the size of a chunk', () => {
  it('is what keeps a worker busy for 2 ms', () => {
    expect(paceOf(0.1).chunksize(job(), 100_000, 2)).toBe(20);
  });

  it('is 1 for tasks of more than 2 ms', () => {
    expect(paceOf(2.1).chunksize(job(), 100_000, 2)).toBe(1);
  });

  it('is never more than 4096', () => {
    expect(paceOf(1e-6).chunksize(job(), 1e9, 1)).toBe(4096);
    expect(paceOf(1e-6).chunksize(job(), Infinity, 1)).toBe(4096);
  });

  it('shrinks towards the end, so that all workers end together', () => {
    const pace = paceOf(0.1);
    expect([100, 50, 10, 1].map((waiting) => pace.chunksize(job(), waiting, 4))).toEqual([13, 7, 2, 1]);
  });

  it('is for as many workers as there are cores, where many tiny tasks wait', () => {
    const pace = paceOf(0.001, 1, 2);
    expect([8000, 4000, 16].map((waiting) => pace.chunksize(job(), waiting, 64))).toEqual([2000, 1000, 8]);
    expect(pace.chunksize(job(), 15, 64)).toBe(1);
    expect(pace.chunksize(job(), 100, 1)).toBe(100);
    expect(paceOf(0.3, 1, 2).chunksize(job(), 100, 64)).toBe(1);
  });

  it('is for every worker, of tasks that one had not come to', () => {
    const pace = paceOf(0.001, 1, 2);
    expect([256, 18].map((waiting) => pace.chunksize(job(), waiting, 64, true))).toEqual([2, 1]);
    expect(pace.chunksize(job(), 100, 2, true)).toBe(25);
  });

  it('is all that a worker will get, while that is many tiny tasks and less than 0.1 ms of work', () => {
    const pace = paceOf(0.001);
    expect([1000, 400, 100, 32].map((waiting) => pace.chunksize(job(), waiting, 4))).toEqual([125, 100, 25, 8]);
  });

  it('leaves each worker its share of a few, though those before them were tiny', () => {
    const pace = paceOf(0.000_1);
    expect([31, 8, 4, 2].map((waiting) => pace.chunksize(job(), waiting, 4))).toEqual([4, 1, 1, 1]);
  });
});

describe('the weight of a message', () => {
  it('leaves room in a message up to 2 ms', () => {
    expect([0, 1.9, 2, Infinity].map((ms) => new Pace(8).hasRoom({ ms, bytes: 0 }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the size of tasks in bytes', () => {
  const chunk = (items: number): Chunk => ({ job: job(), index: 0, attempt: 1, items: range(items), since: 0 });

  /** A pace that has sent messages of so many bytes a task, tiny ones in time. */
  function sizeOf(...each: number[]): Pace {
    const pace = paceOf(1e-6);
    for (const bytes of each) pace.sent([chunk(4)], bytes * 4);
    return pace;
  }

  it('keeps a message below 4 MiB', () => {
    expect(sizeOf(4096).chunksize(job(), 100_000, 2)).toBe(1024);
    expect(sizeOf(1 << 24).chunksize(job(), 100_000, 2)).toBe(1);
    const pace = sizeOf(1 << 20);
    const weight = pace.with({ ms: 0, bytes: 0 }, chunk(4));
    expect([weight.bytes, pace.hasRoom(weight)]).toEqual([4 << 20, false]);
  });

  it('is that of the largest, which fades', () => {
    expect(sizeOf(100_000, 100).chunksize(job(), 100_000, 2)).toBe(Math.floor((4 << 20) / 90_000));
    expect(sizeOf(100_000, ...range(200).map(() => 100)).chunksize(job(), 100_000, 2)).toBe(4096);
  });
});
