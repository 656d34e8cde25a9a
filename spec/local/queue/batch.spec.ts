import { describe, expect, it } from '@jest/globals';
import type { Chunk } from '#lib/executor.js';
import { Batch, withoutEnded } from '#lib/local/queue/batch.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** So many single calls with the items 0, 1, …, and the chunk in which they travel. */
function batched(length = 3): { jobs: FakeJob[]; chunk: Chunk } {
  const jobs = range(length).map((n) => single(n));
  return { jobs, chunk: Batch.of(jobs) as Chunk };
}

describe('a batch of single calls', () => {
  it('has an item of each, in order', () => {
    expect(batched().chunk).toMatchObject({ index: 0, attempt: 1, items: [[0], [1], [2]] });
  });

  it('leaves out a call that has ended before it was taken', () => {
    const jobs = range(3).map((n) => single(n));
    (jobs[1] as FakeJob).open = false;
    const chunk = Batch.of(jobs) as Chunk;
    expect(chunk.items).toEqual([[0], [2]]);
    chunk.job.fulfilled(0, ['a', 'c']);
    expect(jobs.map(({ results }) => results)).toEqual([['a'], [undefined], ['c']]);
  });

  it('is the chunk of the call itself when one alone waits', () => {
    const [ended, waits] = [single('ended'), single('waits')];
    ended.open = false;
    expect(Batch.of([ended, waits])?.job).toBe(waits);
    expect(Batch.of([single('alone')])?.items).toEqual([['alone']]);
  });

  it('is none when none waits', () => {
    const ended = single('ended');
    ended.open = false;
    expect([Batch.of([]), Batch.of([ended]), Batch.of([ended, ended])]).toEqual([undefined, undefined, undefined]);
  });

  it('hands each call its own outcome and reports', () => {
    const { jobs, chunk } = batched();
    chunk.job.fulfilled(0, ['a']);
    chunk.job.rejected(1, 'thrown');
    chunk.job.fulfilled(2, ['c']);
    chunk.job.reported(2, 3, 'half');
    expect(jobs.map(({ results }) => results)).toEqual([['a'], ['thrown'], ['c']]);
    expect(jobs.map(({ reports }) => reports)).toEqual([[], [], [[0, 3, 'half']]]);
  });

  it('gives the place of each call as that call does', () => {
    const { jobs, chunk } = batched();
    (jobs[1] as FakeJob).place = (index) => ({ job: 17, index });
    expect(chunk.job.place(1)).toEqual({ job: 17, index: 0 });
  });

  it('is open while any of its calls is', () => {
    const { jobs, chunk } = batched(2);
    const seen = jobs.map((job) => {
      const { open } = chunk.job;
      job.open = false;
      return open;
    });
    expect([...seen, chunk.job.open]).toEqual([true, true, false]);
  });

  it('has nothing more to give: its calls were taken when it was made', () => {
    const { job } = batched().chunk;
    expect([job.waiting, job.take(1)]).toEqual([0, undefined]);
  });
});

describe('a chunk without what has ended', () => {
  it('has the calls that are open, each with its own outcome', () => {
    const { jobs, chunk } = batched(4);
    (jobs[0] as FakeJob).open = (jobs[2] as FakeJob).open = false;
    const left = withoutEnded({ ...chunk, index: 1, items: chunk.items.slice(1) }) as Chunk;
    expect(left).toMatchObject({ index: 0, items: [[1], [3]] });
    left.job.fulfilled(0, ['b', 'd']);
    expect(jobs.map(({ results }) => results)).toEqual([[undefined], ['b'], [undefined], ['d']]);
  });

  it('is none when all of a batch have ended', () => {
    const { jobs, chunk } = batched();
    for (const job of jobs) job.open = false;
    expect(withoutEnded(chunk)).toBeUndefined();
  });

  it('is that of a call which travelled alone while that is open, and none then', () => {
    const job = single('alone');
    const chunk = job.take(1) as Chunk;
    expect(withoutEnded(chunk)).toBe(chunk);
    job.open = false;
    expect(withoutEnded(chunk)).toBeUndefined();
  });
});
