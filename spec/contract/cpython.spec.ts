import { describe, expect, it } from '@jest/globals';
import { PoolClosedError, PoolTerminatedError, TimeoutError, taskOf } from 'forkpool';
import { add, failOdd, log, pid, sleep, square, toss, unsendable, workerId } from '../fixtures/tasks.js';
import { collect, isAlive, linesOf, range, rejection, temporaryFiles, thrown, until } from '../helpers.js';
import { pools, poolsOf } from '../pools.js';

/*
 * The tests that CPython has for its Pool (Lib/test/_test_multiprocessing.py), by their names, as facts of ours. Where we
 * mean to differ, the title says so.
 */
const make = poolsOf();
const file = temporaryFiles();
const squares = (items: readonly number[]): number[] => items.map((x) => x * x);

/** Throws at its nth item. */
function* exceptional(total: number, at: number): Generator<number> {
  for (let n = 0; n < total; n++) {
    if (n === at) throw new Error('Somebody said when');
    yield n;
  }
}

describe.each(pools)('%s, as CPython tests it', (name, Kind) => {
  it('test_apply: gives what the function gives', async () => {
    const pool = make(Kind, 3);
    expect([await pool.apply(square, [5]), await pool.apply(add, [2, 3])]).toEqual([25, 5]);
  });

  it('test_map: is map, with and without a chunksize', async () => {
    const pool = make(Kind, 3);
    expect(await pool.map(square, range(10))).toEqual(squares(range(10)));
    expect(await pool.map(square, range(100), 20)).toEqual(squares(range(100)));
  });

  it('test_starmap, test_starmap_async: spread each item', async () => {
    const pool = make(Kind, 3);
    const pairs = range(10).map((x): [number, number] => [x, 9 - x]);
    expect(await pool.starmap(add, pairs)).toEqual(range(10).map(() => 9));
    expect(await pool.starmapAsync(add, pairs, { chunksize: 3 }).get()).toEqual(range(10).map(() => 9));
  });

  it('test_map_async, test_map_async_callbacks: call back once, with the list or the error', async () => {
    const pool = make(Kind, 2);
    const calls: unknown[] = [];
    const callback = (value: unknown): unknown => calls.push(value);
    await pool.mapAsync(square, [1], { callback, errorCallback: callback }).wait();
    await pool.mapAsync(failOdd, [1], { callback, errorCallback: callback }).wait();
    expect(calls).toEqual([[1], expect.objectContaining({ name: 'RangeError' })]);
  });

  it('test_map_chunksize: takes a chunksize larger than an empty input', async () => {
    expect(await make(Kind, 1).mapAsync(square, [], 1).get(10_000)).toEqual([]);
  });

  it.each([1, 3])(
    'test_map_handle_iterable_exception: rejects with the error of an input, chunksize %d',
    async (size) => {
      const pool = make(Kind, 2);
      for (const at of [0, 1, 9])
        expect(await rejection(pool.map(square, exceptional(10, at), size))).toMatchObject({
          message: 'Somebody said when',
        });
      expect(await pool.apply(square, [2])).toBe(4);
    },
  );

  it('test_async, test_async_timeout: get waits, and ends its wait in time', async () => {
    const pool = make(Kind, 1);
    const result = pool.applyAsync(sleep, [200, 'slept']);
    expect(await rejection(result.get(1))).toBeInstanceOf(TimeoutError);
    expect(await result.get()).toBe('slept');
  });

  it('test_imap: yields in order, and then ends for good', async () => {
    const pool = make(Kind, 2);
    expect(await collect(pool.imap(square, range(10)))).toEqual(squares(range(10)));
    const iterator = pool.imap(square, range(1000), 100);
    for (const x of range(1000)) expect((await iterator.next()).value).toBe(x * x);
    expect([await iterator.next(), await iterator.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('test_imap_unordered: yields each result once', async () => {
    const pool = make(Kind, 2);
    for (const chunksize of [1, 100]) {
      const results = await collect(pool.imapUnordered(square, range(500), chunksize));
      expect(results.toSorted((a, b) => a - b)).toEqual(squares(range(500)));
    }
  });

  it.each(['imap', 'imapUnordered'] as const)(
    'test_imap_handle_iterable_exception: %s yields what came before an input threw; with chunks too, where Python loses some',
    async (method) => {
      for (const chunksize of [1, 2, 4]) {
        const iterator = make(Kind, 1)[method](square, exceptional(20, 7), chunksize);
        const got: unknown[] = [];
        for (let n = 0; n < 7; n++) got.push((await iterator.next()).value);
        expect(got.toSorted((a, b) => Number(a) - Number(b))).toEqual(squares(range(7)));
        expect(await rejection(iterator.next())).toMatchObject({ message: 'Somebody said when' });
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      }
    },
  );

  it('test_make_pool: refuses sizes below 1', async () => {
    for (const processes of [0, -1]) expect(thrown(() => new Kind(processes))).toBeInstanceOf(RangeError);
    const pool = make(Kind, 3);
    expect(pool.processes).toBe(3);
    await pool.close();
    await pool.join();
  });

  it('test_terminate, test_empty_iterable: end at once though much waits, and return nothing for an empty input', async () => {
    const pool = make(Kind, 2);
    expect([await pool.map(square, []), await collect(pool.imap(square, [])), await pool.starmap(add, [])]).toEqual([
      [],
      [],
      [],
    ]);
    const pending = rejection(
      pool.map(
        sleep,
        range(10_000).map(() => 1000),
      ),
    );
    await pool.terminate();
    await pool.join();
    // Python would leave this one waiting for ever.
    expect(await pending).toBeInstanceOf(PoolTerminatedError);
  });

  it('test_context, test_enter: ends with its scope, and takes no work after it', async () => {
    const pool = new Kind(2);
    const result = pool.mapAsync(square, range(10));
    await pool[Symbol.asyncDispose]();
    // Python terminates; we finish what was submitted.
    expect(await result).toEqual(squares(range(10)));
    expect(await rejection(pool.map(square, range(10)))).toBeInstanceOf(PoolClosedError);
    expect(await rejection(pool.apply(square, [1]))).toMatchObject({ message: 'Pool not running' });
  });

  it('test_traceback: an error comes with the stack of where it was thrown', async () => {
    const error = (await rejection(make(Kind, 1).apply(failOdd, [1]))) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.stack).toMatch(/failOdd.*tasks\.js/);
    expect(taskOf(error)).toMatchObject({ index: 0, attempt: 1 });
  });

  it('test_wrapped_exception: a value that is thrown arrives as it was', async () => {
    expect(await rejection(make(Kind, 1).apply(toss, [{ wrapped: true }]))).toEqual({ wrapped: true });
  });

  it('test_map_no_failfast: waits for all tasks though one has failed', async () => {
    const path = file(`${name}-no-failfast`);
    const pool = make(Kind, 2);
    const failing = rejection(pool.map(failOdd, [0, 1]));
    const logged = rejection(
      pool.starmap(
        log,
        [
          [path, 1],
          [path, 2],
          [undefined as never, 3],
          [path, 4],
        ],
        1,
      ),
    );
    expect(await failing).toMatchObject({ message: 'odd: 1' });
    expect(await logged).toBeInstanceOf(TypeError);
    expect(linesOf(path)).toHaveLength(3);
  });

  it('test_async_error_callback: tells the error', async () => {
    const told: unknown[] = [];
    const result = make(Kind, 1).applyAsync(failOdd, [1], { errorCallback: (error) => told.push(error) });
    const error = await rejection(result);
    expect(told).toEqual([error]);
  });

  it('test_pool_worker_lifetime: replaces each worker after maxtasksperchild tasks', async () => {
    const pool = make(Kind, { processes: 3, maxtasksperchild: 10 });
    const ids = await pool.map(workerId as (item: number) => number, range(100));
    expect(new Set(ids).size).toBeGreaterThanOrEqual(10);
    await pool.close();
    await pool.join();
  });

  it('test_pool_worker_lifetime_early_close: answers all when it is closed before its workers are worn out', async () => {
    const pool = make(Kind, { processes: 3, maxtasksperchild: 1 });
    const results = range(6).map((x) => pool.applyAsync(sleep, [20, x]));
    void pool.close();
    await pool.join();
    expect(await Promise.all(results)).toEqual(range(6));
  });

  it.each([0, -1, 0.5, '12'])('test_pool_maxtasksperchild_invalid: refuses %p', (maxtasksperchild) => {
    const wrong = (): unknown => new Kind({ processes: 3, maxtasksperchild: maxtasksperchild as number });
    expect(thrown(wrong)).toMatchObject({ message: expect.stringContaining('maxtasksperchild') });
  });

  it('test_resource_warning, TestPoolNotLeakOnFailure: leave no worker behind', async () => {
    const pool = make(Kind, 2);
    const pids = await Promise.all([pool.apply(pid), pool.apply(pid)]);
    await pool.close();
    await until('they are gone', () => !pids.some((one) => one !== process.pid && isAlive(one)));
    expect(thrown(() => new Kind({ processes: 2, nonsense: 1 } as object))).toBeInstanceOf(TypeError);
  });
});

describe.each(pools.slice(0, 2))('%s, as CPython tests it', (_, Kind) => {
  it('test_map_unplicklable, test_unpickleable_result: fail the task alone, and the pool goes on', async () => {
    const pool = make(Kind, 2);
    const argument = await rejection(pool.map(square, [1, Symbol('no') as never]));
    expect(argument).toMatchObject({ code: 'ERR_SERIALIZATION', direction: 'argument' });
    const result = await rejection(pool.apply(unsendable));
    expect(result).toMatchObject({ code: 'ERR_SERIALIZATION', direction: 'result' });
    expect(await pool.map(square, range(10))).toEqual(squares(range(10)));
  });
});
