import { describe, expect, it } from '@jest/globals';
import type { WorkerEnd } from '#lib/errors.js';
import type { Chunk } from '#lib/executor.js';
import { Flights } from '#lib/local/flights.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import type { LocalChunk } from '#lib/local/queue/chunks.js';
import { Outcomes } from '#lib/local/tasks/outcomes.js';
import { Pace } from '#lib/local/tasks/pace.js';
import { Tally } from '#lib/local/tasks/tally.js';
import { taskOf } from '#lib/task-of.js';
import { recordOf } from '#lib/wire/thrown.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** A worker that was given tasks, numbered from 1 on, in chunks of one job. */
function given(chunks: readonly number[], parts?: { left: number }) {
  const job = new FakeJob(range(chunks.reduce((sum, size) => sum + size)));
  const taken = chunks.map((size): LocalChunk => ({
    ...(job.take(size) as Chunk),
    since: 100,
    ...(parts && { parts }),
  }));
  const [chunk] = taken as [LocalChunk];
  const flights = new Flights();
  flights.add(flights.prepared(taken, 107), false);
  const worker = { pid: 7, answered: flights.answered.bind(flights) } as unknown as PoolWorker;
  const [tally, pace] = [new Tally(), new Pace(1)];
  return { job, chunk, flights, worker, tally, pace, outcomes: new Outcomes(tally, pace) };
}

describe('outcomes', () => {
  it('go to their job, and are counted', () => {
    const { job, worker, tally, outcomes } = given([5]);
    outcomes.settle(worker, { first: 1, values: ['a', 'b'], errors: [], ms: 6 });
    expect(job.results).toEqual(['a', 'b', undefined, undefined, undefined]);
    expect(tally.summary()).toMatchObject({
      completed: 2,
      failed: 0,
      waitTime: { count: 2, mean: 7 },
      runTime: { count: 2, mean: 3 },
    });
  });

  it('teach the pace how long a task takes', () => {
    const { job, worker, pace, outcomes } = given([5]);
    outcomes.settle(worker, { first: 1, values: ['a', 'b'], errors: [], ms: 6 });
    expect(pace.of(job)).toBe(3);
  });

  it.each([
    [[0], ['!0', 'b', 'c', 'd']],
    [
      [1, 2],
      ['a', '!1', '!2', 'd'],
    ],
    [[3], ['a', 'b', 'c', '!3']],
    [
      [0, 1, 2, 3],
      ['!0', '!1', '!2', '!3'],
    ],
  ])('of a run with errors at %j go each to its own place, errors and values alike', (places, results) => {
    const { job, worker, tally, outcomes } = given([5]);
    outcomes.settle(worker, { first: 1, values: ['x'], errors: [], ms: 1 });
    const errors = places.map((at) => [at, recordOf(`!${at}`)] as const);
    outcomes.settle(worker, { first: 2, values: ['a', 'b', 'c', 'd'], errors, ms: 4 });
    expect(job.results).toEqual(['x', ...results]);
    expect(job.settledOnce).toBe(true);
    expect([tally.completed, tally.failed]).toEqual([5 - places.length, places.length]);
  });

  it('of one run reach all of the chunks that its tasks came in', () => {
    const { job, worker, outcomes } = given([2, 3]);
    outcomes.settle(worker, { first: 1, values: ['a', 'b', 'c', 'd', 'e'], errors: [[3, recordOf('!')]], ms: 5 });
    expect(job.results).toEqual(['a', 'b', 'c', '!', 'e']);
    expect(job.settledOnce).toBe(true);
  });

  it('reach their job in as few calls as possible', () => {
    const { job, worker, outcomes } = given([5]);
    const calls: [number, number][] = [];
    job.fulfilled = (index, values) => void calls.push([index, values.length]);
    outcomes.settle(worker, { first: 1, values: range(5), errors: [[2, recordOf('!')]], ms: 5 });
    expect(calls).toEqual([
      [0, 2],
      [3, 2],
    ]);
  });

  it('of a task whose caller has its answer are dropped', () => {
    const { job, flights, worker, tally, outcomes } = given([1]);
    for (const flight of flights) flights.abandon(flight);
    outcomes.settle(worker, { first: 1, values: ['late'], errors: [], ms: 1 });
    expect([job.outcomes.size, tally.completed, job.answeredChunks]).toEqual([0, 0, 1]);
  });

  it('tell a job that a chunk has answered when its last task has', () => {
    const { job, worker, outcomes } = given([2]);
    outcomes.settle(worker, { first: 1, values: [0], errors: [], ms: 1 });
    expect(job.answeredChunks).toBe(0);
    outcomes.settle(worker, { first: 2, values: [1], errors: [], ms: 1 });
    expect(job.answeredChunks).toBe(1);
  });

  it.each([
    [1, 1],
    [2, 0],
  ])(
    'of the last task of a part, when %d were left of its chunk, tell the job %d times that the chunk has answered',
    (left, told) => {
      const { job, worker, outcomes } = given([1], { left });
      outcomes.settle(worker, { first: 1, values: [0], errors: [], ms: 1 });
      expect(job.answeredChunks).toBe(told);
    },
  );

  it('that are errors are noted with the task that they came from', () => {
    const { job, chunk, worker, outcomes } = given([5]);
    outcomes.reject({ ...chunk, index: 2, attempt: 3 }, 1, worker, new RangeError('odd'));
    expect(taskOf(job.results[3])).toEqual({ index: 3, attempt: 3, pid: 7 });
  });

  it('of a task that was lost name the end of its worker, and how many are suspected', () => {
    const { job, chunk, worker, tally, outcomes } = given([1]);
    const end: WorkerEnd = { pid: 7, exitCode: null, signal: 'SIGKILL', outOfMemory: false, stderr: [] };
    outcomes.lose(chunk, worker, end, 4);
    expect(job.results).toEqual([expect.objectContaining({ code: 'ERR_WORKER_LOST', signal: 'SIGKILL', suspects: 4 })]);
    expect(tally.failed).toBe(1);
  });
});
