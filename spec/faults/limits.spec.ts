import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncPool, TaskTimeoutError, tasksFrom, type PoolOptions, type TaskOptions } from 'forkpool';
import { getEventListeners } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import {
  dieAtMinusOne,
  exitOrWait,
  killSelf,
  logAndSleep,
  pid,
  self,
  sleep,
  square,
  waitForAbort,
  workerId,
} from '../fixtures/tasks.js';
import { collect, linesOf, range, rejection, temporaryFiles, until } from '../helpers.js';
import { forked, pools, poolsOf, walled } from '../pools.js';

// Time limits and aborting: who is stopped, when, and who is not.

const make = poolsOf();
const file = temporaryFiles();

afterEach(() => void jest.restoreAllMocks());

function beginAndSpin(path: string): never {
  process.getBuiltinModule('node:fs').appendFileSync(path, 'begun\n');
  for (;;);
}

describe.each(pools)('%s', (_, Kind) => {
  describe('a signal', () => {
    it('has no listener left when its jobs have ended, in whatever way', async () => {
      const pool = make(Kind, 1);
      const controller = new AbortController();
      const { signal } = controller;
      const refused = (): never => {
        throw new Error('as told');
      };
      await pool.apply(square, [1], { signal });
      await rejection(pool.apply(refused, [], { signal }));
      await pool.map(square, range(10), { signal });
      await pool.map(square, [], { signal });
      await pool.applyAsync(square, [1], { signal });
      const iterator = pool.imap(square, range(10), { signal });
      await iterator.next();
      await iterator.return();
      await collect(pool.imapUnordered(square, range(5), { signal }));
      await rejection(pool.apply(waitForAbort, [], { signal, timeout: 10 }));
      expect(getEventListeners(signal, 'abort')).toEqual([]);

      const pending = rejection(pool.apply(sleep, [100], { signal }));
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      controller.abort('enough');
      expect(await pending).toBe('enough');
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      await rejection(pool.apply(square, [1], { signal }));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('has no listener left when the pool was terminated', async () => {
      const pool = make(Kind, 1);
      const { signal } = new AbortController();
      const pending = rejection(pool.apply(sleep, [100], { signal }));
      await pool.terminate();
      await pending;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('can be aborted in a callback of its own job, and of another', async () => {
      const pool = make(Kind, { processes: 2, gracePeriod: 50 });
      const controller = new AbortController();
      const { signal } = controller;
      const map = rejection(
        pool.map(square, range(50), { signal, chunksize: 1, onProgress: () => controller.abort('in progress') }),
      );
      expect(await map).toBe('in progress');
      const other = new AbortController();
      const slow = rejection(pool.apply(sleep, [2000], { signal: other.signal }));
      pool.applyAsync(square, [2], { callback: () => other.abort('by another') });
      expect(await slow).toBe('by another');
      expect(await pool.apply(square, [5])).toBe(25);
    });

    it('that ends one map harms no other', async () => {
      const pool = make(Kind, { processes: 2, gracePeriod: 50 });
      const controller = new AbortController();
      const aborted = rejection(pool.map(sleep, Array<number>(50).fill(50), { signal: controller.signal }));
      const others = [pool.map(square, range(100)), pool.map(sleep, Array<number>(8).fill(5), 2)] as const;
      await until('they run', () => pool.stats().tasks.running > 0);
      controller.abort('enough');
      expect(await aborted).toBe('enough');
      expect(await others[0]).toEqual(range(100).map((x) => x * x));
      expect(await others[1]).toEqual(Array(8).fill(5));
    });
  });

  describe('timeout', () => {
    it.each([Infinity, 2 ** 31 + 1, 2 ** 40])('of %d ms stops nothing', async (timeout) => {
      const pool = make(Kind, 1);
      expect(await pool.map(sleep, [20, 30], { timeout })).toEqual([20, 30]);
      expect(pool.stats().replaced.timeout).toBe(0);
    });

    it('is seen by the task in its signal, before anything else is done', async () => {
      const reasons: unknown[] = [];
      const tell = async (): Promise<void> => {
        const { currentTask } = (await import('forkpool')) as typeof import('forkpool');
        const task = currentTask();
        await new Promise<void>((resolve) => {
          const waiting = setTimeout(resolve, 60_000);
          task?.signal.addEventListener('abort', () => {
            clearTimeout(waiting);
            resolve();
          });
        });
      };
      const pool = make(Kind, { processes: 1, gracePeriod: 5000 });
      const before = await pool.apply(workerId);
      const started = performance.now();
      reasons.push(await rejection(pool.apply(tell, [], { timeout: 60 })));
      expect(reasons).toEqual([expect.any(TaskTimeoutError)]);
      // The worker has ended the task in time: it is the same, and no grace was needed.
      expect(await pool.apply(workerId)).toBe(before);
      expect(performance.now() - started).toBeLessThan(4000);
      expect(pool.stats().replaced.timeout).toBe(0);
    });
  });
});

describe.each(walled)('%s', (_, Kind) => {
  it.each<[string, 'timeout' | 'signal']>([
    ['at its time limit', 'timeout'],
    ['when it is aborted', 'signal'],
  ])('stops code that gives no way %s, within gracePeriod and one replacement', async (_when, how) => {
    const pool = make(Kind, { processes: 1, gracePeriod: 100 });
    await pool.ready();
    const controller = new AbortController();
    const limit = 500;
    const options = how === 'timeout' ? { timeout: limit } : { signal: controller.signal };
    const path = file(`${Kind.name}-${how}`);
    const pending = rejection(pool.apply(beginAndSpin, [path], options));
    await until('it runs', () => linesOf(path).length === 1);
    const due = performance.now() + (how === 'timeout' ? limit : 0);
    if (how === 'signal') controller.abort('enough');
    await pending;
    // The answer does not wait for the worker's end.
    expect(performance.now() - due).toBeLessThan(1000);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(performance.now() - due).toBeLessThan(5000);
    expect(pool.stats().replaced).toMatchObject({
      timeout: Number(how === 'timeout'),
      aborted: Number(how !== 'timeout'),
    });
  });

  it('stops one task of a chunk, and runs the rest of it elsewhere', async () => {
    const path = file(`${Kind.name}-chunk`);
    const pool = make(Kind, { processes: 2, gracePeriod: 20 });
    const logged = (to: string, ms: number): Promise<number> | number => {
      process.getBuiltinModule('node:fs').appendFileSync(to, `${ms}\n`);
      const end = performance.now() + ms;
      while (performance.now() < end);
      return ms;
    };
    const items = range(12).map((index) => [path, index === 4 ? 60_000 : index] as [string, number]);
    const outcomes = await pool.starmap(logged, items, { timeout: 300, chunksize: 6, settled: true });
    expect(outcomes.map(({ status }, index) => index === 4 || status === 'fulfilled')).toEqual(Array(12).fill(true));
    expect(outcomes[4]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TASK_TIMEOUT' } });
    // Each began once.
    expect(
      linesOf(path)
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(items.map(([, ms]) => ms).toSorted((a, b) => a - b));
  });

  it('does not run a task again that was late or aborted, whatever its retries', async () => {
    const path = file(`${Kind.name}-retries`);
    const pool = make(Kind, { processes: 1, gracePeriod: 20 });
    const late = await rejection(pool.apply(logAndSleep, [path, 60_000], { timeout: 500, retries: 3 }));
    expect(late).toBeInstanceOf(TaskTimeoutError);
    const controller = new AbortController();
    const pending = rejection(pool.apply(logAndSleep, [path, 60_000], { signal: controller.signal, retries: 3 }));
    await until('it runs', () => linesOf(path).length === 2);
    controller.abort('enough');
    expect(await pending).toBe('enough');
    expect(await pool.apply(square, [3])).toBe(9);
    expect(linesOf(path)).toHaveLength(2);
  });

  it('lets the tasks beside one that obeys its signal go on, in the same worker', async () => {
    const pool = make(Kind, { processes: 1, concurrency: 4, gracePeriod: 5000 });
    const controller = new AbortController();
    const pending = rejection(pool.apply(waitForAbort, [], { signal: controller.signal }));
    const late = rejection(pool.apply(waitForAbort, [], { timeout: 1000 }));
    const go = file(`${Kind.name}-go`);
    const beside = pool.map(exitOrWait, [go, go]);
    await until('all run', () => pool.stats().tasks.running === 4);
    controller.abort('enough');
    expect(await pending).toBe('enough');
    expect(await late).toBeInstanceOf(TaskTimeoutError);
    writeFileSync(go, '');
    expect(await beside).toEqual(['waited', 'waited']);
    expect(pool.stats().replaced).toMatchObject({ timeout: 0, aborted: 0, died: 0 });
  });

  it('counts as lost the tasks beside one that does not obey', async () => {
    const pool = make(Kind, { processes: 1, concurrency: 2, gracePeriod: 30 });
    const late = rejection(pool.apply(sleep, [60_000], { timeout: 500 }));
    const beside = rejection(pool.apply(sleep, [60_000]));
    expect(await late).toBeInstanceOf(TaskTimeoutError);
    expect(await beside).toMatchObject({ code: 'ERR_WORKER_LOST', suspects: 2 });
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats().replaced).toMatchObject({ timeout: 1, died: 0 });
  });
});

/** A task whose module is loaded once `finish` was called; `begun`: how often a worker has begun to load it. */
function longToLoad(way: 'awaiting' | 'computing', also: Record<string, string> = {}) {
  const [log, end] = [file('log'), file('end')];
  writeFileSync(log, '');
  rmSync(end, { force: true });
  const query = new URLSearchParams({ way, log, end, ...also });
  const { triple } = tasksFrom<typeof import('../fixtures/loads-long.js')>(
    new URL(`../fixtures/loads-long.js?${query}`, import.meta.url),
  );
  return { triple, begun: () => linesOf(log).length, finish: () => writeFileSync(end, '') };
}

describe.each(walled)('%s', (_, Kind) => {
  it.each(['awaiting', 'computing'] as const)(
    'stops a worker that loads a module for an aborted task, %s, after a gracePeriod',
    async (way) => {
      const pool = make(Kind, { processes: 1, gracePeriod: 100 });
      const { triple, begun } = longToLoad(way);
      const controller = new AbortController();
      const pending = rejection(pool.apply(triple, [1], { signal: controller.signal }));
      await until('it is loading', () => begun() === 1);
      controller.abort('enough');
      expect(await pending).toBe('enough');
      expect(await pool.apply(square, [3])).toBe(9);
      expect(pool.stats().replaced).toMatchObject({ aborted: 1, died: 0 });
    },
  );

  it('lets a worker load that another job has given up by breaking off', async () => {
    const pool = make(Kind, { processes: 1, gracePeriod: 20 });
    const { triple, begun, finish } = longToLoad('awaiting');
    const iterator = pool.imap(triple, range(10));
    void iterator.next();
    await until('it is loading', () => begun() === 1);
    await iterator.return();
    await sleep(100);
    finish();
    expect([await pool.apply(triple, [3]), begun(), pool.stats().replaced.aborted]).toEqual([9, 1, 0]);
  });

  it('keeps a worker that has loaded the module within the gracePeriod, and does not run the aborted task', async () => {
    const pool = make(Kind, { processes: 1, gracePeriod: 60_000 });
    const { triple, begun, finish } = longToLoad('awaiting');
    const controller = new AbortController();
    const pending = rejection(pool.apply(triple, [1], { signal: controller.signal }));
    await until('it is loading', () => begun() === 1);
    controller.abort('enough');
    expect(await pending).toBe('enough');
    finish();
    expect(await pool.apply(triple, [3])).toBe(9);
    expect(await pool.apply(self)).toMatchObject({ tasks: 2 });
    expect(begun()).toBe(1);
  });

  it('lets a worker go on with the module that another task than the aborted one needs', async () => {
    const pool = make(Kind, { processes: 1, concurrency: 2, gracePeriod: 50 });
    const { triple, begun, finish } = longToLoad('awaiting');
    const first = pool.apply(triple, [1]);
    await until('it is loading', () => begun() === 1);
    const controller = new AbortController();
    const pending = rejection(pool.apply(square, [2], { signal: controller.signal }));
    await until('the other is with the worker', () => pool.stats().tasks.waiting === 0);
    controller.abort('enough');
    expect(await pending).toBe('enough');
    await sleep(200);
    finish();
    expect([await first, begun()]).toEqual([3, 1]);
  });
});

describe('AsyncPool', () => {
  it.each<[string, PoolOptions<[]>, (signal: AbortSignal) => TaskOptions, unknown]>([
    ['its signal is aborted', {}, (signal) => ({ signal }), 'enough'],
    [
      'a startTimeout has passed since its timeout',
      { startTimeout: 50 },
      () => ({ timeout: 50 }),
      expect.any(TaskTimeoutError),
    ],
  ])('gives up tasks whose module is being loaded when %s, and runs others', async (when, options, given, reason) => {
    const pool = make(AsyncPool, { processes: 1, ...options });
    const { triple, begun, finish } = longToLoad('awaiting', { here: when });
    const controller = new AbortController();
    const pending = range(3).map((x) => rejection(pool.apply(triple, [x], given(controller.signal))));
    pending.push(rejection(pool.map(triple, range(5), given(controller.signal))));
    await until('it is loading', () => begun() === 1);
    controller.abort('enough');
    expect(await Promise.all(pending)).toEqual(pending.map(() => reason));
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    finish();
    expect(await pool.apply(triple, [3])).toBe(9);
    expect(pool.stats().tasks).toMatchObject({ waiting: 0, running: 0, completed: 4 });
  });
});

describe.each(forked)('%s', (_, Kind) => {
  it('ends the wait for a frozen worker, a startTimeout later than the limit; its other tasks run elsewhere', async () => {
    const pool = make(Kind, { processes: 1, startTimeout: 2000, gracePeriod: 50 });
    const frozen = await pool.apply(pid);
    process.kill(frozen, 'SIGSTOP');
    const [first, ...others] = await pool.map(square, range(5), { timeout: 1000, chunksize: 5, settled: true });
    expect(first).toMatchObject({ reason: expect.any(TaskTimeoutError) });
    expect(others).toEqual([1, 4, 9, 16].map((value) => ({ status: 'fulfilled', value })));
    expect(await pool.apply(pid)).not.toBe(frozen);
    expect(pool.stats().replaced).toMatchObject({ timeout: 1, died: 0 });
  });

  it('replaces a frozen worker whose tasks another has run meanwhile', async () => {
    const pool = make(Kind, { processes: 2, startTimeout: 2000, gracePeriod: 50 });
    await pool.ready();
    const frozen = await pool.apply(pid);
    process.kill(frozen, 'SIGSTOP');
    expect(await pool.map(square, range(10), { timeout: 1000, chunksize: 5 })).toEqual(range(10).map((n) => n * n));
    await until('it is replaced', () => pool.stats().replaced.died === 1 && pool.stats().workers.ready === 2, 20_000);
    expect(await pool.map(pid, range(20), { chunksize: 1 })).not.toContain(frozen);
  });

  it('settles a task whose worker dies before its time is up as lost, and once', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const pool = make(Kind, { processes: 1, gracePeriod: 20 });
    const error = await rejection(pool.apply(killSelf, ['SIGKILL'], { timeout: 5000 }));
    expect(error).toMatchObject({ code: 'ERR_WORKER_LOST', signal: 'SIGKILL' });
  });

  it('retries a task that shared a worker with a poison item, which travels alone then', async () => {
    const pool = make(Kind, { processes: 2 });
    const items = range(60).map((item) => (item === 30 ? -1 : item));
    const outcomes = await pool.map(dieAtMinusOne, items, { settled: true, retries: 1 });
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([30]);
    expect(pool.stats().replaced.died).toBe(2);
  });
});
