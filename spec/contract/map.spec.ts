import { describe, expect, it, jest } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { TimeoutError } from 'forkpool';
import { add, echo, exitOrWait, failOdd, log, report, sleep, square, together } from '../fixtures/tasks.js';
import { collect, linesOf, range, rejection, temporaryFiles, thrown, until } from '../helpers.js';
import { pools, poolsOf, walled } from '../pools.js';

const make = poolsOf();
const file = temporaryFiles();

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise(setImmediate);
    yield item;
  }
}

function* failingAt(position: number): Generator<number> {
  for (let item = 0; ; item++) {
    if (item === position) throw new Error(`input failed at ${position}`);
    yield item;
  }
}

describe.each(pools)('%s', (_, Kind) => {
  describe('map', () => {
    it('returns the results in the order of the items, whoever finishes first', async () => {
      expect(await make(Kind, 2).map(sleep, [40, 1, 20, 5])).toEqual([40, 1, 20, 5]);
    });

    it('is empty for no items, and calls the callback with []', async () => {
      const callback = jest.fn();
      const pool = make(Kind, 1);
      expect(await pool.map(square, [])).toEqual([]);
      await pool.mapAsync(square, [], { callback });
      expect(callback.mock.calls).toEqual([[[]]]);
    });

    it.each<[string, () => Iterable<number>]>([
      ['an array', () => []],
      ['a Set', () => new Set()],
      ['a generator', () => take(0, [])],
    ])('settles at once for no items, though the only worker is busy: %s', async (name, nothing) => {
      const go = file(`${Kind.name}-nothing-${name}`);
      const pool = make(Kind, 1);
      const busy = pool.apply(exitOrWait, [go]);
      expect(await pool.map(square, nothing())).toEqual([]);
      writeFileSync(go, '');
      expect(await busy).toBe('waited');
    });

    it('rejects at once with the error of an input that throws before its first item, though the only worker is busy', async () => {
      const go = file(`${Kind.name}-throws-first`);
      const pool = make(Kind, 1);
      const busy = pool.apply(exitOrWait, [go]);
      expect(await rejection(pool.map(square, failingAt(0)))).toMatchObject({ message: 'input failed at 0' });
      writeFileSync(go, '');
      expect(await busy).toBe('waited');
    });

    it('runs on the worker that its own input frees by an abort', async () => {
      const pool = make(Kind, { processes: 1, gracePeriod: 10 });
      await pool.ready();
      const controller = new AbortController();
      const busy = rejection(pool.apply(() => new Promise(() => {}), [], { signal: controller.signal }));
      const items = function* (): Generator<number> {
        controller.abort('over');
        yield 3;
      };
      expect(await pool.map(square, items())).toEqual([9]);
      expect(await busy).toBe('over');
    });

    it('runs on the worker that its own input frees by an abort, though that worker has been silent for a while', async () => {
      const pool = make(Kind, { processes: 1, gracePeriod: 10 });
      await pool.ready();
      const controller = new AbortController();
      const busy = rejection(pool.apply(() => new Promise(() => {}), [], { signal: controller.signal }));
      // Longer than tasks are sent ahead of a silent worker.
      await sleep(30);
      const items = function* (): Generator<number> {
        controller.abort('over');
        yield 3;
      };
      expect(await pool.map(square, items())).toEqual([9]);
      expect(await busy).toBe('over');
    });

    it.each([1, 2, 7, 1000])('gives the same with a chunksize of %d', async (chunksize) => {
      expect(await make(Kind, 2).map(square, range(50), chunksize)).toEqual(range(50).map((x) => x * x));
    });

    it('runs the call that an empty input makes while it is read, beside another empty map', async () => {
      const pool = make(Kind, 1);
      let made: Promise<number> | undefined;
      const next = (): IteratorResult<number> => {
        made ??= pool.apply(square, [3]);
        return { done: true, value: undefined };
      };
      const first = pool.map(square, { [Symbol.iterator]: () => ({ next }) });
      const second = pool.map(square, new Set<number>());
      expect(await Promise.all([first, second])).toEqual([[], []]);
      expect(await made).toBe(9);
    });

    it('runs none of the items that its input yielded before it aborted the call', async () => {
      const path = file(`${Kind.name}-aborted-by-input`);
      const pool = make(Kind, 1);
      await pool.ready();
      const controller = new AbortController();
      const items = function* (): Generator<[string, unknown]> {
        yield [path, 1];
        controller.abort('bad record');
        yield [path, 2];
      };
      const { signal } = controller;
      expect(await rejection(pool.starmap(log, items(), { signal, chunksize: 2 }))).toBe('bad record');
      expect(await pool.apply(square, [3])).toBe(9);
      await pool.close();
      expect([linesOf(path), pool.stats().tasks.completed]).toEqual([[], 1]);
    });

    it('adapts chunks to a hundred thousand tiny tasks', async () => {
      const items = range(100_000);
      expect(await make(Kind, 2).map(square, items)).toEqual(items.map((x) => x * x));
    });

    it('calls the function once for each item', async () => {
      const path = file(`${Kind.name}-once`);
      await make(Kind, 2).starmap(
        log,
        range(40).map((item): [string, unknown] => [path, item]),
      );
      const logged = linesOf(path).map((line) => Number(line.split(' ')[1]));
      expect(logged.toSorted((a, b) => a - b)).toEqual(range(40));
    });

    it.each([
      ['a Set', new Set([1, 2, 3])],
      ['a generator', failingAt(-1)],
      ['an async generator', slowly([1, 2, 3])],
      ['a typed array', Float64Array.of(1, 2, 3)],
    ])('takes %s', async (name, items) => {
      const some = name === 'a generator' ? take(3, items as Generator<number>) : (items as Iterable<number>);
      const expected = name === 'a generator' ? [0, 1, 4] : [1, 4, 9];
      expect(await make(Kind, 2).map(square, some)).toEqual(expected);
    });

    it.each([NaN, -1, 1.5, Infinity])('takes an iterable that says its size is %p', async (size) => {
      const items = { size, [Symbol.iterator]: () => [1, 2, 3].values() };
      expect(await make(Kind, 2).map(square, items)).toEqual([1, 4, 9]);
    });

    it('copies the list, so that the caller may change it afterwards', async () => {
      const items = [1, 2, 3];
      const result = make(Kind, 1).map(square, items);
      items.length = 0;
      expect(await result).toEqual([1, 4, 9]);
    });

    it('rejects with the error of the lowest index, after all have answered', async () => {
      const path = file(`${Kind.name}-lowest`);
      const pool = make(Kind, 2);
      const run = async (index: number, to: string): Promise<number> => {
        const { appendFileSync } = await import('node:fs');
        await new Promise((resolve) => setTimeout(resolve, index === 1 ? 60 : 1));
        appendFileSync(to, `${index}\n`);
        if (index === 1 || index === 2) throw new Error(`failed at ${index}`);
        return index;
      };
      const error = await rejection(
        pool.starmap(
          run,
          range(6).map((index): [number, string] => [index, path]),
        ),
      );
      expect(error).toMatchObject({ message: 'failed at 1' });
      expect(linesOf(path).toSorted()).toEqual(range(6).map(String));
    });

    it('stops at the first error with stopOnError', async () => {
      const path = file(`${Kind.name}-stop`);
      const run = (index: number, to: string): void => {
        process.getBuiltinModule('node:fs').appendFileSync(to, `${index}\n`);
        if (index === 0) throw new Error('at once');
        const end = performance.now() + 5;
        while (performance.now() < end);
      };
      const items = range(2000).map((index): [number, string] => [index, path]);
      const error = await rejection(make(Kind, 2).starmap(run, items, { stopOnError: true, chunksize: 1 }));
      expect(error).toMatchObject({ message: 'at once' });
      expect(linesOf(path).length).toBeLessThan(1000);
    });

    it('returns each outcome when settled is true', async () => {
      expect(await make(Kind, 2).map(failOdd, [0, 1, 2], { settled: true })).toEqual([
        { status: 'fulfilled', value: 0 },
        { status: 'rejected', reason: expect.objectContaining({ name: 'RangeError', message: 'odd: 1' }) },
        { status: 'fulfilled', value: 2 },
      ]);
    });

    it('tells its progress, last when all are done', async () => {
      const told: unknown[] = [];
      await make(Kind, 2).map(failOdd, range(10), {
        settled: true,
        chunksize: 2,
        onProgress: (progress) => told.push(progress),
      });
      expect(told.length).toBeLessThanOrEqual(5);
      expect(told.at(-1)).toEqual({ done: 10, failed: 5, total: 10 });
    });

    it('tells its progress at most once per chunk, though part of a chunk was given to another worker', async () => {
      const told: { done: number }[] = [];
      const stall = (x: number): number => {
        if (x === 0) for (const end = performance.now() + 300; performance.now() < end;);
        return x;
      };
      const onProgress = (progress: { done: number }): void => void told.push(progress);
      await make(Kind, 2).map(stall, range(10), { chunksize: 5, onProgress });
      expect(told.length).toBeLessThanOrEqual(2);
      expect(told.at(-1)?.done).toBe(10);
    });

    it('tells which task reported', async () => {
      const told: unknown[] = [];
      await make(Kind, 1).map(report, [1, 2], { onReport: (value, { index }) => told.push([index, value]) });
      expect(told).toEqual([
        [0, 1],
        [1, 1],
        [1, 2],
      ]);
    });

    it('rejects with what the input throws, once what runs has ended', async () => {
      expect(await rejection(make(Kind, 2).map(square, failingAt(5)))).toMatchObject({ message: 'input failed at 5' });
    });

    it('rejects with what an async input throws', async () => {
      const items = slowly(failingAt(3));
      expect(await rejection(make(Kind, 2).map(square, items))).toMatchObject({ message: 'input failed at 3' });
    });

    it('lets a single call overtake a long map', async () => {
      const pool = make(Kind, 1);
      let done = false;
      const long = pool.map(sleep, Array<number>(50).fill(20)).then(() => (done = true));
      expect(await pool.apply(square, [2])).toBe(4);
      expect(done).toBe(false);
      await long;
    });

    it('runs higher priorities first', async () => {
      const pool = make(Kind, 1);
      await pool.ready();
      const order: string[] = [];
      const noted = (name: string, priority?: number): Promise<unknown> =>
        pool.apply(sleep, [5, name], { priority }).then((value) => order.push(value as string));
      await Promise.all([noted('first'), noted('low', -1), noted('none'), noted('high', 1)]);
      expect(order).toEqual(['first', 'high', 'none', 'low']);
    });

    it('runs several tasks at once in a worker with concurrency', async () => {
      const most = await make(Kind, { processes: 1, concurrency: 4 }).map(together, Array<number>(8).fill(50));
      expect(Math.max(...most)).toBe(4);
    });

    it('runs no more tasks at once than processes times concurrency, however they are sent', async () => {
      for (const [options, most] of [
        [{ processes: 1 }, 1],
        [{ processes: 1, concurrency: 3 }, 3],
      ] as const) {
        const pool = make(Kind, options);
        const counts = [
          ...(await pool.map(together, Array<number>(50).fill(0))),
          ...(await pool.map(together, Array<number>(20).fill(2), { chunksize: 10 })),
          ...(await Promise.all(range(50).map(() => pool.apply(together, [0])))),
        ];
        expect(Math.max(...counts)).toBe(most);
      }
    });

    it.each([
      ['one after the other', { processes: 1 }],
      ['at once', { processes: 1, concurrency: 3 }],
    ])('returns numbers of every kind as they were given, from tasks that run %s', async (_how, options) => {
      const odd = [-0, NaN, Infinity, 5e-324, 2 ** 53, 0.1, ...range(60)];
      const pool = make(Kind, options);
      for (const chunksize of [undefined, 1, 20, 100]) {
        expect(await pool.map(echo, odd, { chunksize })).toStrictEqual(odd);
        expect(await pool.map(echo, odd, { chunksize, settled: true })).toStrictEqual(
          odd.map((value) => ({ status: 'fulfilled', value })),
        );
        expect(await collect(pool.imap(echo, odd, { chunksize }))).toStrictEqual(odd);
      }
    });

    it('answers every task of a chunk, in whatever order they end', async () => {
      const pool = make(Kind, { processes: 1, concurrency: 2 });
      expect(await pool.map(sleep, [60, 20, 5, 40], { chunksize: 4 })).toEqual([60, 20, 5, 40]);
      expect(await make(Kind, 1).map(sleep, [60, 20, 5, 40], { chunksize: 4 })).toEqual([60, 20, 5, 40]);
    });

    it('does not leave short tasks behind a long one on the same worker', async () => {
      const pool = make(Kind, 2);
      const [there, go] = [file(`${Kind.name}-there`), file(`${Kind.name}-long`)];
      writeFileSync(there, '');
      // So that its tasks are known to be short.
      await pool.map(exitOrWait, Array<string>(200).fill(there));
      const long = pool.apply(exitOrWait, [go]);
      let done = 0;
      const short = range(20).map(() => pool.apply(exitOrWait, [there]).then(() => done++));
      await until('the short ones are done', () => done === short.length);
      writeFileSync(go, '');
      expect(await long).toBe('waited');
      await Promise.all(short);
    });
  });

  describe('mapAsync', () => {
    it('gives the list of results to get() and to the callback, after a wait that ran out of time', async () => {
      const callback = jest.fn();
      const result = make(Kind, 2).mapAsync(sleep, [1, 100], { callback });
      expect(await rejection(result.get(1))).toBeInstanceOf(TimeoutError);
      expect(await result.get()).toEqual([1, 100]);
      expect(callback.mock.calls).toEqual([[[1, 100]]]);
    });
  });

  describe('starmap', () => {
    it('spreads each item as arguments', async () => {
      expect(
        await make(Kind, 2).starmap(add, [
          [1, 2],
          [3, 4],
        ]),
      ).toEqual([3, 7]);
      expect(await make(Kind, 2).starmapAsync(add, [[5, 6]], 1)).toEqual([11]);
    });

    it('refuses items that are no arrays', async () => {
      const pool = make(Kind, 1);
      const items = [[1, 2], 3] as [number, number][];
      expect(await rejection(pool.starmap(add, items))).toBeInstanceOf(TypeError);
      expect(thrown(() => pool.starmapAsync(add, items))).toBeInstanceOf(TypeError);
      expect(await rejection(pool.starmap(add, new Set(items)))).toBeInstanceOf(TypeError);
    });

    it('refuses a hole among the items at the call', () => {
      const items: [number, number][] = [[1, 2]];
      items[2] = [3, 4];
      expect(thrown(() => make(Kind, 1).starmapAsync(add, items))).toMatchObject({
        name: 'TypeError',
        message: 'Expected `items` to be lists of arguments, each an array, got undefined',
      });
    });
  });
});

function* take<T>(count: number, items: Iterable<T>): Generator<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === count) return;
    yield item;
  }
}

describe.each(walled)('%s', (_, Kind) => {
  it('tells the progress of a map at once when a task was lost, though others run on', async () => {
    const go = file(`${Kind.name}-go`);
    const told: unknown[] = [];
    const onProgress = (progress: object): void => void told.push(progress);
    const all = make(Kind, 2).map(exitOrWait, ['', go], { chunksize: 1, settled: true, onProgress });
    await until('the lost one is told of', () => told.length > 0);
    expect(told).toEqual([{ done: 1, failed: 1, total: 2 }]);
    writeFileSync(go, '');
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(told.slice(1)).toEqual([{ done: 2, failed: 1, total: 2 }]);
  });

  it('tells the progress of a map once when several tasks of a chunk were lost together', async () => {
    const told: unknown[] = [];
    const onProgress = (progress: object): void => void told.push(progress);
    const pool = make(Kind, { processes: 1, concurrency: 4 });
    await pool.map(exitOrWait, ['never', 'never', 'never', ''], { chunksize: 4, settled: true, onProgress });
    expect(told).toEqual([{ done: 4, failed: 4, total: 4 }]);
  });

  it('runs nothing of a chunk after an argument that cannot be sent, when stopOnError is true', async () => {
    const path = file(`${Kind.name}-unsendable`);
    const items = [
      [path, Symbol('unsendable')],
      [path, 'behind'],
      [path, 'it'],
    ] as [string, string][];
    const pool = make(Kind, 1);
    const all = pool.starmap(log, items, { chunksize: 3, stopOnError: true });
    expect(await rejection(all)).toMatchObject({ code: 'ERR_SERIALIZATION' });
    await pool.close();
    expect(linesOf(path)).toEqual([]);
  });
});
