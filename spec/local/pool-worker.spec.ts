import { describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Chunk } from '#lib/executor.js';
import { PoolWorker } from '#lib/local/pool-worker.js';
import type { Connection } from '#lib/local/transport.js';
import { MOST_FUNCTIONS, type Command } from '#lib/wire/messages.js';
import type { Reference } from '#lib/wire/reference.js';
import { localMarks, type Marks } from '#lib/wire/marks.js';
import { FakeJob } from '../fixtures/fake-job.js';
import { range, until } from '../helpers.js';

/** A worker that has been given tasks, and the two things that the other side of its pipe says. */
function workerWith(tasks: number): {
  worker: PoolWorker;
  marks: Marks;
  connection: { moved: number };
  sent: Command[];
} {
  const marks = localMarks();
  const sent: Command[] = [];
  const send = (command: Command): number => sent.push(command);
  const connection = { moved: 0, pid: 1, marks, congested: false, send, terminate() {}, kill() {} };
  const transport = { kind: 'thread', canKill: true, connect: (): Connection => connection, close() {} } as const;
  const worker = new PoolWorker(1, Infinity, transport, () => ({ report() {}, garbled() {}, exited() {} }));
  for (const type of ['online', 'initialise', 'initialised'] as const) worker.apply({ type });
  give(worker, tasks);
  return { worker, marks, connection, sent };
}

function give(worker: PoolWorker, tasks: number): void {
  worker.run([new FakeJob(range(tasks)).take(tasks) as Chunk]);
}

const countOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { items }) => sum + items.length, 0);
/** Which of ten tasks the worker is told not to begin. */
const recalled = (marks: Marks): number[] => {
  const { from, to } = marks.begin(marks.begun());
  return range(10)
    .map((n) => n + 1)
    .filter((task) => task >= from && task < to);
};

describe('functions', () => {
  it('are told to a worker once, and again when it may have forgotten them for others', () => {
    const { worker, sent } = workerWith(1);
    const references = range(MOST_FUNCTIONS + 1).map((n): Reference => ({
      kind: 'export',
      module: 'file:///math.js',
      path: [`f${n}`],
    }));
    const toldOf = (n: number): number => {
      const reference = references[n] as Reference;
      worker.run([new FakeJob([n], { reference }).take(1) as Chunk]);
      const last = sent.at(-1);
      return last?.type === 'run' ? last.functions.length : NaN;
    };
    expect([toldOf(0), toldOf(0)]).toEqual([1, 0]);
    for (let n = 1; n < MOST_FUNCTIONS; n++) expect(toldOf(n)).toBe(1);
    expect(toldOf(0)).toBe(0);
    expect([toldOf(MOST_FUNCTIONS), toldOf(0), toldOf(0)]).toEqual([1, 1, 0]);
  });
});

describe('tasks that are taken back from a worker', () => {
  it('are those that have not begun', () => {
    const { worker, marks } = workerWith(5);
    marks.begin(2);
    expect([countOf(worker.takeBack()), recalled(marks), worker.load]).toEqual([3, [3, 4, 5], 2]);
  });

  it('are none whose arguments have moved to it, and none before those', () => {
    const { worker, marks, connection } = workerWith(5);
    marks.begin(1);
    connection.moved = 3;
    expect([countOf(worker.takeBack()), recalled(marks), worker.load]).toEqual([2, [4, 5], 3]);
    expect(countOf(worker.takeBack())).toBe(0);
  });

  it('can be taken back again after it came to the last of them just then', () => {
    const { worker, marks } = workerWith(3);
    const { recall } = marks;
    marks.recall = (from, to) => {
      marks.begin(3);
      recall(from, to);
    };
    marks.begin(1);
    expect(countOf(worker.takeBack())).toBe(0);
    marks.recall = recall;
    worker.answered(1, 3);
    give(worker, 3);
    marks.begin(4);
    expect([countOf(worker.takeBack(4)), recalled(marks)]).toEqual([2, [5, 6]]);
  });

  it('are none when the last of them has moved', () => {
    const { worker, marks, connection } = workerWith(5);
    connection.moved = 5;
    expect([countOf(worker.takeBack()), recalled(marks), worker.load]).toEqual([0, [], 5]);
  });

  it('are no more where tasks have moved after others were taken back, which it may not have seen', () => {
    const { worker, marks, connection } = workerWith(3);
    marks.begin(1);
    expect(countOf(worker.takeBack())).toBe(2);
    give(worker, 2);
    connection.moved = 4;
    expect([countOf(worker.takeBack()), recalled(marks), worker.load]).toEqual([0, [2, 3], 3]);
    worker.declined(2, 4);
    expect([countOf(worker.takeBack()), recalled(marks), worker.load]).toEqual([1, [5], 2]);
  });

  it('stay taken back when it says of an earlier part alone that it has seen that', () => {
    const { worker, marks } = workerWith(4);
    marks.begin(1);
    expect(countOf(worker.takeBack())).toBe(3);
    give(worker, 3);
    expect([countOf(worker.takeBack()), recalled(marks)]).toEqual([3, [2, 3, 4, 5, 6, 7]]);
    worker.declined(2, 5);
    give(worker, 2);
    marks.begin(5);
    expect([countOf(worker.takeBack()), recalled(marks)]).toEqual([2, [5, 6, 7, 8, 9]]);
  });

  it('stay taken back when it answers the first of them, which it was just beginning', () => {
    const { worker, marks } = workerWith(5);
    const { recall } = marks;
    marks.recall = (from, to) => {
      recall(from, to);
      marks.begin(2);
    };
    marks.begin(1);
    expect([countOf(worker.takeBack()), worker.load]).toEqual([3, 2]);
    marks.recall = recall;
    worker.answered(1, 2);
    give(worker, 2);
    marks.begin(3);
    expect([countOf(worker.takeBack()), recalled(marks)]).toEqual([2, [3, 4, 5, 6, 7]]);
  });

  it('can be taken back once, though whoever hears that nothing is left takes back more', () => {
    const { worker } = workerWith(2);
    const onState = (): void => void counts.push(countOf(worker.takeBack()));
    const counts: number[] = [];
    subscribe('forkpool:worker:state', onState);
    counts.push(countOf(worker.takeBack()));
    unsubscribe('forkpool:worker:state', onState);
    expect([counts, worker.load]).toEqual([[0, 2], 0]);
  });
});

describe('the time that a worker is busy', () => {
  it('goes on while it retires, until its last task is answered', async () => {
    const { worker } = workerWith(2);
    worker.answered(1, 1);
    worker.retire('maxMemoryPerChild');
    const before = worker.busyMs;
    await until('its time passes', () => worker.busyMs > before);
    worker.answered(2, 1);
    const then = performance.now();
    const after = worker.busyMs;
    await until('the clock goes on', () => performance.now() > then + 1);
    expect(worker.busyMs).toBe(after);
  });
});
