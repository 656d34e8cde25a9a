import { afterEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { currentTask, currentWorker } from 'forkpool';
import { here, type CurrentTask, type CurrentWorker } from '#lib/wire/current.js';
import { program, run } from '../fixtures/run-program.js';
import { self } from '../fixtures/tasks.js';
import { range } from '../helpers.js';
import { pools, poolsOf } from '../pools.js';

const make = poolsOf();
const worker: CurrentWorker = { id: 3, kind: 'async', pid: 1, tasks: 0 };
const task: CurrentTask = { index: 2, attempt: 1, signal: new AbortController().signal, report() {} };

afterEach(() => {
  here.worker = undefined;
});

describe('currentTask and currentWorker', () => {
  it('are undefined in the master', () => {
    expect([currentTask(), currentWorker()]).toEqual([undefined, undefined]);
  });

  it('are those of the async context, through all that it awaits', async () => {
    await here.running.run({ worker, task }, async () => {
      expect([currentTask(), currentWorker()]).toEqual([task, worker]);
      await turn();
      expect([currentTask(), currentWorker()]).toEqual([task, worker]);
    });
    expect([currentTask(), currentWorker()]).toEqual([undefined, undefined]);
  });

  it('are no task, and the worker, in an initializer and outside of all tasks', () => {
    here.running.run({ worker, task: undefined }, () => {
      expect([currentTask(), currentWorker()]).toEqual([undefined, worker]);
    });
    here.worker = { ...worker, kind: 'process' };
    expect([currentTask(), currentWorker()]).toEqual([undefined, here.worker]);
  });

  it('are shared by all copies of the package in a thread', async () => {
    const shared = (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('forkpool.place')];
    expect(shared).toBe(here);
    expect((await run([program('two-copies.js')])).stdout).toBe('process 1 0\n');
  });
});

describe.each(pools)('%s', (_, Kind) => {
  it('tells each of many tasks at once its own index', async () => {
    const pool = make(Kind, { processes: 1, concurrency: 5 });
    const indexes = await pool.map(
      async (n: number) => {
        const { currentTask: current } = await import('forkpool');
        const before = current()?.index;
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        return [before, current()?.index];
      },
      range(10),
      { chunksize: 5 },
    );
    expect(indexes).toEqual(range(10).map((n) => [n, n]));
    expect(await pool.apply(self)).toMatchObject({ index: 0, attempt: 1, id: 1 });
  });
});
