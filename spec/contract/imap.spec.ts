import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { TimeoutError, type IMapIterator } from 'forkpool';
import { exitOrWait, failOdd, nameOfFound, sleep, square } from '../fixtures/tasks.js';
import { collect, range, rejection, temporaryFiles, until } from '../helpers.js';
import { pools, poolsOf } from '../pools.js';

const make = poolsOf();
const file = temporaryFiles();

/** Counts up for ever; says how far it was asked, and whether it was closed. */
function counter(): { items: Generator<number>; taken: () => number; closed: () => boolean } {
  let taken = 0;
  let closed = false;
  function* items(): Generator<number> {
    try {
      for (;;) yield taken++;
    } finally {
      closed = true;
    }
  }
  return { items: items(), taken: () => taken, closed: () => closed };
}

/** Everything an iterator gives, errors by their message. */
async function outcomes(iterator: IMapIterator<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (;;) {
    try {
      const { done, value } = await iterator.next();
      if (done === true) return all;
      all.push(value);
    } catch (error) {
      all.push((error as Error).message);
    }
  }
}

describe.each(pools)('%s', (_, Kind) => {
  describe('imap', () => {
    it('yields the results in the order of the items', async () => {
      expect(await collect(make(Kind, 2).imap(sleep, [30, 1, 10]))).toEqual([30, 1, 10]);
    });

    it('ends at once for no items', async () => {
      expect(await collect(make(Kind, 1).imap(square, []))).toEqual([]);
    });

    it('ends when its last item is answered, beside a task that runs', async () => {
      const go = file(`${Kind.name}-end`);
      const pool = make(Kind, 1);
      const all = [collect(pool.imap(square, new Set([3]))), collect(pool.imap(square, new Set<number>()))];
      const busy = pool.apply(exitOrWait, [go]);
      expect(await Promise.all(all)).toEqual([[9], []]);
      writeFileSync(go, '');
      expect(await busy).toBe('waited');
    });

    it('goes on after an item that failed', async () => {
      expect(await outcomes(make(Kind, 2).imap(failOdd, range(5)))).toEqual([0, 'odd: 1', 2, 'odd: 3', 4]);
    });

    it.each([1, 3, 100])('gives the same with a chunksize of %d', async (chunksize) => {
      expect(await outcomes(make(Kind, 2).imap(failOdd, range(9), chunksize))).toEqual([
        0,
        'odd: 1',
        2,
        'odd: 3',
        4,
        'odd: 5',
        6,
        'odd: 7',
        8,
      ]);
    });

    it('starts at the call', async () => {
      const { items, taken } = counter();
      make(Kind, 1).imap(square, items);
      await until('items are taken', () => taken() > 0);
    });

    it.each([1, 4, 10])('takes at most %d items ahead of what it has yielded', async (buffersize) => {
      const { items, taken } = counter();
      const iterator = make(Kind, 2).imap(square, items, { buffersize });
      for (let yielded = 1; yielded <= 50; yielded++) {
        await iterator.next();
        expect(taken() - yielded).toBeLessThanOrEqual(buffersize);
      }
      await until('the window is full again', () => taken() === 50 + buffersize);
    });

    it('takes a limited number of items ahead by default, and few while nobody reads', async () => {
      const { items, taken } = counter();
      const iterator = make(Kind, 2).imap(square, items);
      await until('the window is full', () => taken() === 16 * 2);
      for (let yielded = 0; yielded < 100; yielded++) await iterator.next();
      expect(taken()).toBeLessThan(100 + 4096);
    });

    it('loses no result when a wait for the next one runs out of time', async () => {
      const iterator = make(Kind, 1).imap(sleep, [100, 1]);
      expect(await rejection(iterator.next(1))).toBeInstanceOf(TimeoutError);
      expect(await rejection(iterator.next(0))).toBeInstanceOf(TimeoutError);
      expect(await collect(iterator)).toEqual([100, 1]);
    });

    it('answers several calls of next in their order', async () => {
      const iterator = make(Kind, 2).imap(sleep, [20, 1, 5]);
      const all = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
      expect(all.map(({ value }) => value)).toEqual([20, 1, 5, undefined]);
    });

    it('drops the rest and closes the input on a break', async () => {
      const { items, taken, closed } = counter();
      for await (const value of make(Kind, 2).imap(square, items, { buffersize: 4 })) if (value === 9) break;
      expect(closed()).toBe(true);
      const then = taken();
      await new Promise(setImmediate);
      expect(taken()).toBe(then);
    });

    it('yields what came before an input that throws, then its error, then ends', async () => {
      function* failing(): Generator<number> {
        yield 1;
        yield 2;
        throw new Error('no more');
      }
      const iterator = make(Kind, 2).imap(square, failing(), 2);
      expect(await outcomes(iterator)).toEqual([1, 4, 'no more']);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it('takes from an async input no faster than its results are read', async () => {
      let asked = 0;
      async function* items(): AsyncGenerator<number> {
        while (asked < 1000) yield asked++;
      }
      const iterator = make(Kind, 2).imap(square, items(), { buffersize: 8 });
      for (let yielded = 1; yielded <= 20; yielded++) {
        await iterator.next();
        expect(asked - yielded).toBeLessThanOrEqual(8);
      }
      await iterator.return();
    });

    it('does not wait for a chunk to fill while a worker is idle', async () => {
      async function* items(): AsyncGenerator<number> {
        yield 7;
        await new Promise(() => {});
      }
      const iterator = make(Kind, 2).imap(square, items(), 100);
      expect((await iterator.next()).value).toBe(49);
    });

    it('can be read after close', async () => {
      const pool = make(Kind, 2);
      const iterator = pool.imap(square, range(500));
      const closed = pool.close();
      expect(await collect(iterator)).toEqual(range(500).map((x) => x * x));
      await closed;
    });

    it('can be read after close and join', async () => {
      const pool = make(Kind, 2);
      const iterator = pool.imap(square, new Set(range(500)));
      await Promise.all([pool.close(), pool.join()]);
      expect(await collect(iterator)).toEqual(range(500).map((x) => x * x));
    });

    it('yields outcomes when settled is true', async () => {
      const [first, second] = await collect(make(Kind, 1).imap(failOdd, [0, 1], { settled: true }));
      expect(first).toEqual({ status: 'fulfilled', value: 0 });
      expect(second).toMatchObject({ status: 'rejected', reason: { message: 'odd: 1' } });
    });
  });

  describe('imapUnordered', () => {
    it('yields the results as they finish', async () => {
      const pool = make(Kind, 2);
      const [there, later] = [file(`${Kind.name}-there`), file(`${Kind.name}-later`)];
      writeFileSync(there, '');
      const iterator = pool.imapUnordered(nameOfFound, [later, there]);
      expect((await iterator.next()).value).toBe(there);
      writeFileSync(later, '');
      expect(await collect(iterator)).toEqual([later]);
    });

    it('yields each result once', async () => {
      const all = await collect(make(Kind, 2).imapUnordered(square, range(300), 7));
      expect(all.toSorted((a, b) => a - b)).toEqual(range(300).map((x) => x * x));
    });

    it('goes on after an item that failed', async () => {
      const all = await outcomes(make(Kind, 2).imapUnordered(failOdd, range(4)));
      expect(new Set(all)).toEqual(new Set([0, 'odd: 1', 2, 'odd: 3']));
    });

    it('yields each outcome with the index of its item when settled is true', async () => {
      const all = await collect(make(Kind, 2).imapUnordered(failOdd, [4, 5], { settled: true }));
      expect(all.toSorted((a, b) => a.index - b.index)).toEqual([
        { index: 0, status: 'fulfilled', value: 4 },
        { index: 1, status: 'rejected', reason: expect.objectContaining({ message: 'odd: 5' }) },
      ]);
    });
  });
});
