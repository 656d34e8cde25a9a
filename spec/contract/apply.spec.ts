import { describe, expect, it, jest } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { AsyncResult, currentTask, currentWorker, taskOf, TimeoutError } from 'forkpool';
import {
  add,
  answerAndThrow,
  echo,
  exitOrWait,
  failOdd,
  meet,
  pid,
  report,
  self,
  sleep,
  square,
  toss,
  workerId,
} from '../fixtures/tasks.js';
import { range, rejection, temporaryFiles, thrown, until } from '../helpers.js';
import { pools, poolsOf, walled } from '../pools.js';

const make = poolsOf();
// oxlint-disable-next-line require-yield -- it breaks before
function* brokenInput(): Generator<number> {
  throw new Error('the input broke');
}
const file = temporaryFiles();

describe.each(pools)('%s', (name, Kind) => {
  describe('apply', () => {
    it('resolves with the result', async () => {
      expect(await make(Kind, 1).apply(add, [3, 4])).toBe(7);
    });

    it('needs no list of arguments for a function without any', async () => {
      expect(await make(Kind, 1).apply(pid)).toEqual(expect.any(Number));
    });

    it('awaits an async task function', async () => {
      expect(await make(Kind, 1).apply(sleep, [1, 'slept'])).toBe('slept');
    });

    it('resolves with undefined where a function returns nothing', async () => {
      expect(await make(Kind, 1).apply(echo, [undefined])).toBeUndefined();
    });

    it('rejects with what the task threw', async () => {
      const error = await rejection(make(Kind, 1).apply(failOdd, [3]));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ name: 'RangeError', message: 'odd: 3' });
      expect((error as Error).stack).toContain('failOdd');
    });

    it.each([undefined, null, 0, 'text', { code: 3 }])('rejects with %p when the task throws that', async (value) => {
      expect(await rejection(make(Kind, 1).apply(toss, [value]))).toEqual(value);
    });

    it('names the task that an error came from', async () => {
      const pool = make(Kind, 1);
      const error = await rejection(pool.map(failOdd, [0, 2, 4, 5]));
      expect(taskOf(error)).toEqual({ index: 3, attempt: 1, pid: await pool.apply(pid) });
    });

    it('names no task for a value that no task threw', () => {
      expect([taskOf(new Error('mine')), taskOf('text'), taskOf(undefined)]).toEqual([undefined, undefined, undefined]);
    });

    it('runs as many tasks at once as there are workers, from the start', async () => {
      const pool = make(Kind, 3);
      expect(await Promise.all(range(3).map(() => pool.apply(meet, [file(name), 3])))).toEqual(['met', 'met', 'met']);
    });

    it('gives each task its index, its attempt and its worker', async () => {
      const pool = make(Kind, 1);
      const worker = {
        id: 1,
        kind: { Pool: 'process', ThreadPool: 'thread', AsyncPool: 'async' }[name],
        pid: await pool.apply(pid),
      };
      expect(await pool.apply(self)).toEqual({ index: 0, attempt: 1, ...worker, tasks: 2 });
    });

    it('tells the caller what a task reports, in order, before the outcome', async () => {
      const told: unknown[] = [];
      const pool = make(Kind, 1);
      const result = await pool.apply(report, [3], { onReport: (value, task) => told.push([value, task]) });
      told.push(result);
      const task = { index: 0, attempt: 1 };
      expect(told).toEqual([[1, task], [2, task], [3, task], 'done']);
    });
  });

  describe('listeners', () => {
    it('run in the async context of their call, whoever started the worker', async () => {
      const storage = new AsyncLocalStorage<string>();
      const pool = make(Kind, 1);
      await storage.run('another', () => pool.apply(square, [1]));
      const heard: string[] = [];
      const hear = (what: string) => (): void => void heard.push(`${what} of ${storage.getStore()}`);
      const listeners = { callback: hear('result'), onReport: hear('report'), onProgress: hear('progress') };
      await storage.run('mine', () => pool.mapAsync(report, [1], listeners));
      await rejection(storage.run('mine', () => pool.applyAsync(toss, ['no'], { errorCallback: hear('error') })));
      expect(heard).toEqual(['report of mine', 'progress of mine', 'result of mine', 'error of mine']);
    });
  });

  describe('applyAsync', () => {
    it('returns a result at once, whose get() waits for the value', async () => {
      const result = make(Kind, 1).applyAsync(square, [10]);
      expect(result).toBeInstanceOf(AsyncResult);
      expect(result.ready()).toBe(false);
      expect(await result.get()).toBe(100);
      expect([result.ready(), result.successful()]).toEqual([true, true]);
      expect(await result.get()).toBe(100);
    });

    it('can be awaited as a promise', async () => {
      expect(await make(Kind, 1).applyAsync(square, [5])).toBe(25);
    });

    it('lets a wait run out of time while the task goes on', async () => {
      const go = file(`${name}-go`);
      const result = make(Kind, 1).applyAsync(exitOrWait, [go]);
      expect(await rejection(result.get(1))).toBeInstanceOf(TimeoutError);
      expect(await rejection(result.get(0))).toBeInstanceOf(TimeoutError);
      await result.wait(1);
      expect(result.ready()).toBe(false);
      writeFileSync(go, '');
      expect(await result.get(10_000)).toBe('waited');
      expect(await result.get(0)).toBe('waited');
    });

    it('throws when it is asked for its success before it is ready', () => {
      const result = make(Kind, 1).applyAsync(square, [2]);
      expect(thrown(() => result.successful())).toMatchObject({
        message: 'The result is not ready: `await` it, or ask `ready()` first',
      });
    });

    it('waits without rejecting for a task that fails', async () => {
      const result = make(Kind, 1).applyAsync(failOdd, [1]);
      await result.wait();
      expect([result.ready(), result.successful()]).toEqual([true, false]);
      expect(await rejection(result.get())).toBeInstanceOf(RangeError);
    });

    it('calls the callback once with the result, before it is ready', async () => {
      const callback = jest.fn((value: number) => [value, result.ready()]);
      const errorCallback = jest.fn();
      const result = make(Kind, 1).applyAsync(square, [10], { callback, errorCallback });
      await result;
      expect(callback.mock.results).toEqual([{ type: 'return', value: [100, false] }]);
      expect(errorCallback).not.toHaveBeenCalled();
    });

    it('calls back in the master, where there is no current worker or task', async () => {
      const pool = make(Kind, 1);
      const seen: unknown[] = [];
      const look = (): unknown => seen.push(currentWorker(), currentTask());
      await pool.applyAsync(report, [1], { callback: look, onReport: look });
      await rejection(pool.applyAsync(failOdd, [1], { errorCallback: look }));
      await pool.map(square, [1], { onProgress: look });
      expect(seen).toEqual(range(8).map(() => undefined));
    });

    it('calls the errorCallback with the error', async () => {
      const callback = jest.fn();
      const errorCallback = jest.fn();
      const error = await rejection(make(Kind, 1).applyAsync(failOdd, [7], { callback, errorCallback }));
      expect(errorCallback.mock.calls).toEqual([[error]]);
      expect(callback).not.toHaveBeenCalled();
    });

    it('calls back only after it has returned, even if the outcome is known at once', async () => {
      const pool = make(Kind, 1);
      const signal = AbortSignal.abort(new Error('stopped before'));
      const aborted: AsyncResult<unknown> = pool.applyAsync(square, [1], {
        signal,
        errorCallback: (): boolean => aborted.ready(),
      });
      expect(await rejection(aborted)).toMatchObject({ message: 'stopped before' });
      const broken: AsyncResult<unknown> = pool.mapAsync(square, brokenInput(), {
        errorCallback: (): boolean => broken.ready(),
      });
      expect(await rejection(broken)).toMatchObject({ message: 'the input broke' });
      const empty: AsyncResult<unknown> = pool.mapAsync(square, [], { callback: (): boolean => empty.ready() });
      expect(await empty).toEqual([]);
      const spread: AsyncResult<unknown> = pool.starmapAsync(add, [], { callback: (): boolean => spread.ready() });
      expect(await spread).toEqual([]);
    });

    it('is not reported as unobserved when it is awaited, though it failed at once', async () => {
      const unobserved = jest.fn();
      subscribe('forkpool:result:unobserved', unobserved);
      const pool = make(Kind, 1);
      await rejection(pool.applyAsync(square, [1], { signal: AbortSignal.abort() }));
      await rejection(pool.mapAsync(square, brokenInput()));
      expect(unobserved).not.toHaveBeenCalled();
      pool.applyAsync(square, [1], { signal: AbortSignal.abort() });
      await Promise.resolve();
      expect(unobserved).toHaveBeenCalledTimes(1);
      unsubscribe('forkpool:result:unobserved', unobserved);
    });

    it('rejects with what a callback throws, and harms nothing else', async () => {
      const pool = make(Kind, 1);
      const bad = pool.applyAsync(square, [1], {
        callback: () => {
          throw new Error('bad callback');
        },
      });
      const good = pool.applyAsync(square, [2]);
      expect(await rejection(bad.get())).toMatchObject({ message: 'bad callback' });
      expect(await good.get()).toBe(4);
    });

    it('lets its callback make another call', async () => {
      const pool = make(Kind, 1);
      let inner: Promise<number> | undefined;
      await pool.applyAsync(square, [3], { callback: (nine) => void (inner = pool.apply(square, [nine])) });
      expect(await inner).toBe(81);
    });
  });
});

describe.each(walled)('%s', (_, Kind) => {
  describe('apply', () => {
    it('blames nobody for an error that is thrown after the answer, and replaces the worker', async () => {
      const pool = make(Kind, { processes: 1, stdio: 'ignore' });
      const before = await pool.apply(workerId);
      expect(await pool.apply(answerAndThrow, ['fine'])).toBe('fine');
      await until('the worker is replaced', () => pool.stats().replaced.died === 1);
      expect(await pool.apply(workerId)).not.toBe(before);
    });
  });
});
