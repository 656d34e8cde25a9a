import { describe, expect, it } from '@jest/globals';
import type { WorkerEnd } from '#lib/errors.js';
import type { Chunk } from '#lib/executor.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { singly } from '#lib/local/queue/chunks.js';
import { Queue } from '#lib/local/queue/queue.js';
import type { Outcomes } from '#lib/local/tasks/outcomes.js';
import { Suspects } from '#lib/local/tasks/suspects.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

const end: WorkerEnd = { pid: 1, exitCode: null, signal: 'SIGKILL', outOfMemory: false, stderr: [] };
const worker = {} as PoolWorker;

/** Calls that travelled to a worker together, and their tasks. */
function together(count: number, retries: number): { calls: FakeJob[]; tasks: Chunk[] } {
  const { call } = single(0, { retries });
  const calls = range(count).map((n) => Object.assign(single(n), { call }));
  const queue = new Queue();
  for (const job of calls) queue.add(job);
  return { calls, tasks: singly(queue.take(() => Infinity) as Chunk) };
}

/** Suspects, and the tasks that they gave up. */
function suspects(): { suspects: Suspects; lost: Chunk[] } {
  const lost: Chunk[] = [];
  const outcomes = { lose: (task: Chunk) => void lost.push(task) } as unknown as Outcomes;
  return { suspects: new Suspects(outcomes), lost };
}

describe('a task that its worker died in', () => {
  it('runs again as often as it may', () => {
    const { suspects: all, lost } = suspects();
    const [task] = together(2, 1).tasks as [Chunk];
    all.lose(worker, task, end, 1);
    const again = all.next() as Chunk;
    expect([again.attempt, again.items]).toEqual([2, [[0]]]);
    all.lose(worker, again, end, 1);
    expect([all.size, lost]).toEqual([0, [again]]);
  });

  it('does not run again when its caller has given it up, though calls that travelled with it go on', () => {
    const { suspects: all, lost } = suspects();
    const { calls, tasks } = together(3, 3);
    (calls[1] as FakeJob).open = false;
    for (const task of tasks) all.lose(worker, task, end, 3);
    expect([all.next()?.items, all.next()?.items, all.next()]).toEqual([[[0]], [[2]], undefined]);
    expect(lost).toEqual([tasks[1]]);
  });

  it('is dropped when its caller gives it up while it waits', () => {
    const { suspects: all } = suspects();
    const { calls, tasks } = together(2, 3);
    for (const task of tasks) all.lose(worker, task, end, 2);
    (calls[0] as FakeJob).open = false;
    all.sift();
    expect([all.next()?.items, all.next()]).toEqual([[[1]], undefined]);
  });

  it('tells its own caller of its outcome when it has run again', () => {
    const { suspects: all } = suspects();
    const { calls, tasks } = together(2, 3);
    for (const task of tasks) all.lose(worker, task, end, 2);
    all.next();
    const { job, index } = all.next() as Chunk;
    job.fulfilled(index, ['done']);
    expect(calls.map(({ results }) => results)).toEqual([[undefined], ['done']]);
  });
});
