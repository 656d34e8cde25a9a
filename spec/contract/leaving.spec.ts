import { describe, expect, it } from '@jest/globals';
import { Pool, type Items, PoolClosedError, PoolError, PoolTerminatedError, TimeoutError } from 'forkpool';
import { doze, pid, sleep, spin, square } from '../fixtures/tasks.js';
import { collect, isAlive, range, rejection, thrown, until } from '../helpers.js';
import { pools, poolsOf, walled } from '../pools.js';

const make = poolsOf();

/** Every way to submit, as a promise. */
const calls: [string, (pool: Pool) => unknown][] = [
  ['apply', (pool) => pool.apply(square, [1])],
  ['applyAsync', (pool) => pool.applyAsync(square, [1])],
  ['map', (pool) => pool.map(square, [1])],
  ['mapAsync', (pool) => pool.mapAsync(square, [1])],
  ['starmap', (pool) => pool.starmap(square, [[1]])],
  ['starmapAsync', (pool) => pool.starmapAsync(square, [[1]])],
  ['imap', (pool) => pool.imap(square, [1])],
  ['imapUnordered', (pool) => pool.imapUnordered(square, [1])],
];

/** The ways to submit an input. */
const readers: ((pool: Pool, items: Items<number>) => unknown)[] = [
  (pool, items) => pool.map(square, items),
  (pool, items) => pool.mapAsync(square, items),
  (pool, items) => pool.imap(square, items),
];

/** Inputs whose code runs while the call is made. */
const inputs: [string, (run: () => void, closed: () => void) => Items<number>][] = [
  ['an iterable', (run, closed) => ({ [Symbol.iterator]: () => (run(), zeros(closed)) })],
  ['an async iterable', (run, closed) => ({ [Symbol.asyncIterator]: () => (run(), zeros(closed) as never) })],
  [
    'an iterable with a size',
    (run, closed) => ({
      [Symbol.iterator]: () => zeros(closed),
      get size() {
        run();
        return 3;
      },
    }),
  ],
];

/** Of endless zeros. */
const zeros = (closed: () => void): Iterator<number> => ({
  next: () => ({ done: false, value: 0 }),
  return: () => (closed(), { done: true, value: undefined }),
});

describe.each(pools)('%s', (name, Kind) => {
  describe.each(inputs)('a call that reads %s', (_name, inputOf) => {
    it.each(['close', 'terminate'] as const)(
      'is refused when that input calls %s, and the pool still ends',
      async (leave) => {
        for (const read of readers) {
          const pool = make(Kind, 1);
          let ended: Promise<void> | undefined;
          let closed = 0;
          const items = inputOf(
            () => void (ended = pool[leave]()),
            () => closed++,
          );
          const error = await rejection((async () => read(pool as Pool, items))());
          expect([error, closed]).toEqual([expect.any(PoolClosedError), 1]);
          await ended;
        }
      },
    );
  });

  describe.each(calls)('%s', (_name, call) => {
    it.each(['close', 'terminate'] as const)('is refused after %s', async (leave) => {
      const pool = make(Kind, 1);
      await pool[leave]();
      const error = await rejection((async () => call(pool as Pool))());
      expect(error).toBeInstanceOf(PoolClosedError);
      expect(error).toMatchObject({ message: 'Pool not running', code: 'ERR_POOL_CLOSED' });
    });
  });

  describe('close', () => {
    it('waits for what was submitted, and leaves no worker', async () => {
      const pool = make(Kind, 2);
      const pids = new Set(await pool.map(pid as (item: number) => number, range(20), 1));
      const late = pool.apply(sleep, [50, 'done']);
      const closed = pool.close();
      expect(await late).toBe('done');
      await closed;
      expect([...pids].filter((one) => one !== process.pid && isAlive(one))).toEqual([]);
      expect(pool.stats().workers).toEqual({ starting: 0, ready: 0, busy: 0, retiring: 0 });
    });

    it('can be called twice, and right after the constructor', async () => {
      const pool = make(Kind, 2);
      await Promise.all([pool.close(), pool.close()]);
      await pool.close();
    });

    it('runs what was submitted before the first worker was ready', async () => {
      const pool = make(Kind, 2);
      const result = pool.map(square, range(10));
      await pool.close();
      expect(await result).toEqual(range(10).map((x) => x * x));
    });

    it('can be called in a callback', async () => {
      const pool = make(Kind, 1);
      const closed = new Promise<void>((resolve, reject) => {
        pool.applyAsync(square, [2], { callback: () => void pool.close().then(resolve, reject) });
      });
      await closed;
    });
  });

  describe('terminate', () => {
    it('rejects what runs and what waits', async () => {
      const pool = make(Kind, 1);
      await pool.ready();
      const running = pool.apply(doze, [60_000]);
      const waiting = pool.map(square, [1, 2]);
      const iterator = pool.imap(square, [1, 2]);
      const started = performance.now();
      const errors = [running, waiting, iterator.next()].map(rejection);
      await pool.terminate();
      for (const error of await Promise.all(errors)) {
        expect(error).toBeInstanceOf(PoolTerminatedError);
        expect(error).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
      }
      expect(await collect(iterator)).toEqual([]);
      expect(performance.now() - started).toBeLessThan(5000);
    });

    it('settles an AsyncResult', async () => {
      const pool = make(Kind, 1);
      const result = pool.applyAsync(doze, [60_000]);
      await pool.terminate();
      expect([result.ready(), result.successful()]).toEqual([true, false]);
    });

    it('can be called after close, and twice', async () => {
      const pool = make(Kind, 1);
      const pending = rejection(pool.apply(doze, [60_000]));
      const closed = pool.close();
      await Promise.all([pool.terminate(), pool.terminate()]);
      await closed;
      expect(await pending).toBeInstanceOf(PoolTerminatedError);
    });

    it('can be called in a callback', async () => {
      const pool = make(Kind, 1);
      await new Promise<void>((resolve, reject) => {
        pool.applyAsync(square, [2], { callback: () => void pool.terminate().then(resolve, reject) });
      });
    });
  });

  describe('join', () => {
    it('is refused while the pool runs', async () => {
      const error = await rejection(make(Kind, 1).join());
      expect(error).toBeInstanceOf(PoolError);
      expect(error).toMatchObject({ message: 'Pool is still running', code: 'ERR_POOL_RUNNING' });
    });

    it('waits until all is done, and can be called again', async () => {
      const pool = make(Kind, 1);
      const result = pool.applyAsync(sleep, [20, 'done']);
      void pool.close();
      await pool.join();
      expect(result.ready()).toBe(true);
      await pool.join(0);
    });

    it('gives up after its time limit, and stops nothing', async () => {
      const pool = make(Kind, 1);
      const result = pool.applyAsync(sleep, [300, 'done']);
      void pool.close();
      expect(await rejection(pool.join(1))).toEqual(new TimeoutError('Not all workers had gone within 1 ms'));
      expect(await rejection(pool.join(0))).toEqual(new TimeoutError('Not all workers had gone within 0 ms'));
      expect(await result.get()).toBe('done');
    });
  });

  describe('a pool that broke', () => {
    it('has ended once its workers have gone, so that even join(0) resolves', async () => {
      const initializer = (): never => {
        throw new Error('not today');
      };
      const pool = make(Kind, { processes: 1, initializer });
      await rejection(pool.ready());
      await until('its workers have gone', () => Object.values(pool.stats().workers).every((count) => count === 0));
      await new Promise(setImmediate);
      await pool.join(0);
    });
  });

  describe('asyncDispose', () => {
    it('closes, and drops what an unfinished iterator has not begun', async () => {
      const pool = make(Kind, 1);
      let taken = 0;
      function* endless(): Generator<number> {
        for (;;) yield taken++;
      }
      const iterator = pool.imap(square, endless());
      expect((await iterator.next()).value).toBe(0);
      const result = pool.apply(sleep, [10, 'done']);
      await pool[Symbol.asyncDispose]();
      expect(await result).toBe('done');
      expect(thrown(() => pool.applyAsync(square, [1]))).toBeInstanceOf(PoolClosedError);
    });
  });

  describe('an iterator that nobody reads', () => {
    it('begins no more of its items when asyncDispose is called', async () => {
      const pool = make(Kind, 2);
      const iterator = pool.imap(square, range(20), { buffersize: 3 });
      await until('its window is full', () => pool.stats().tasks.completed === 3);
      await pool[Symbol.asyncDispose]();
      expect(pool.stats().tasks.completed).toBe(3);
      expect(await collect(iterator)).toEqual([]);
    });

    it('takes nothing more from an endless input once join has run out of time', async () => {
      const pool = make(Kind, 1);
      let taken = 0;
      const items = function* (): Generator<number> {
        for (;;) yield taken++;
      };
      const iterator = pool.imap(square, items(), { buffersize: 3 });
      await until('its window is full', () => taken === 3);
      void pool.close();
      expect(await rejection(pool.join(50))).toBeInstanceOf(TimeoutError);
      const then = taken;
      await until('all that was taken is answered', () => pool.stats().tasks.completed >= then);
      expect(taken).toBe(then);
      expect((await iterator.next()).value).toBe(0);
      await iterator.return();
      await pool.join();
    });
  });

  describe('ready', () => {
    it('resolves when every worker is initialised', async () => {
      const pool = make(Kind, 3);
      const workers = name === 'AsyncPool' ? 1 : 3;
      expect(pool.stats().workers).toEqual({ starting: workers, ready: 0, busy: 0, retiring: 0 });
      await pool.ready();
      expect(pool.stats().workers).toEqual({ starting: 0, ready: workers, busy: 0, retiring: 0 });
    });
  });

  describe('stats', () => {
    it('counts no more tasks than an input of unknown length has given', async () => {
      const pool = make(Kind, 1);
      await pool.ready();
      const busy = rejection(pool.apply(doze, [60_000]));
      await until('it runs', () => pool.stats().tasks.running === 1);
      let given = 0;
      const items = function* (): Generator<number> {
        for (;;) yield given++;
      };
      pool.imap(square, items());
      expect(pool.stats().tasks.waiting).toBeLessThanOrEqual(given);
      await pool.terminate();
      await busy;
    });

    it('counts tasks by what has become of them', async () => {
      const pool = make(Kind, 1);
      await pool.ready();
      const all = [pool.apply(sleep, [200]), pool.apply(square, [1]), pool.apply(square, [2])];
      await until('one runs', () => pool.stats().tasks.running === 1);
      expect(pool.stats().tasks).toMatchObject({ waiting: 2, completed: 0, failed: 0 });
      expect(pool.stats().workers.busy).toBe(1);
      await Promise.all(all);
      const { tasks, runTime, waitTime, utilization } = pool.stats();
      expect(tasks).toMatchObject({ waiting: 0, running: 0, completed: 3, failed: 0 });
      expect([runTime.count, waitTime.count]).toEqual([3, 3]);
      expect(runTime.max).toBeGreaterThan(150);
      expect(utilization).toBeGreaterThan(0);
      expect(utilization).toBeLessThanOrEqual(1);
    });
  });
});

describe.each(walled)('%s', (_, Kind) => {
  describe('stats', () => {
    it('count a worker that leaves, and still runs a task, as busy', async () => {
      const start = performance.now();
      const pool = make(Kind, { processes: 1, concurrency: 2, maxMemoryPerChild: 1 });
      await pool.ready();
      const long = pool.apply(sleep, [500]);
      await pool.apply(sleep, [1]);
      await until('it leaves', () => pool.stats().workers.retiring === 1);
      await long;
      const busyMs = pool.stats().utilization * (performance.now() - start);
      expect(busyMs).toBeGreaterThan(450);
    });
  });

  describe('terminate', () => {
    it('stops a task that never gives way to the event loop', async () => {
      const pool = make(Kind, 1);
      const running = rejection(pool.apply(spin, [60_000]));
      await until('it runs', () => pool.stats().tasks.running === 1);
      await pool.terminate();
      expect(await running).toBeInstanceOf(PoolTerminatedError);
    });
  });
});
