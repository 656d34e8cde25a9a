import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { inputOf, type Input, type InputListener } from '#lib/jobs/items.js';
import { Numbers } from '#lib/wire/numbers.js';
import { toss } from '../fixtures/tasks.js';
import { range, thrown, until } from '../helpers.js';

const deaf: InputListener = { more: () => {}, failed: () => {} };
const input = (items: unknown, travels = true): Input => inputOf(items, deaf, () => Infinity, travels);

/** A generator that notes what becomes of it. */
function* noted(notes: string[], count: number): Generator<number> {
  try {
    for (let item = 0; item < count; item++) {
      notes.push(`made ${item}`);
      yield item;
    }
  } finally {
    notes.push('closed');
  }
}

describe('an input', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', { length: 2, 0: 'a', 1: 'b' }],
    ['a function', () => {}],
  ])('cannot be %s', (_, items) => {
    expect(() => input(items)).toThrow(TypeError);
    expect(() => input(items)).toThrow('Expected `items` to be an iterable or an async iterable');
  });

  it.each(['iterator', 'asyncIterator'] as const)('cannot have a Symbol.%s that makes no iterator', (name) => {
    for (const [made, shown] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [5, '`5` (number)'],
      [{}, '`{}` (object)'],
      [{ next: 1 }, '`{ next: 1 }` (object)'],
    ]) {
      const error = thrown(() => input({ [Symbol[name]]: () => made }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        message: `Expected \`items\` to be an iterable whose iterator has a \`next\`, got ${shown as string}`,
      });
    }
  });

  it.each<[string, () => unknown, number | undefined]>([
    ['an array', () => ['a', 'b', 'c'], 3],
    ['a set', () => new Set(['a', 'b', 'c']), 3],
    ['a string', () => 'abc', 3],
    ['a generator', () => 'abc'[Symbol.iterator](), undefined],
  ])('that is %s is taken in order, as many as are wanted', (_, make, size) => {
    const items = input(make());
    expect([items.total, items.ended]).toEqual([size, false]);
    expect(items.available).toBe(size ?? Infinity);
    expect([items.take(2), items.take(2), items.take(2)]).toEqual([['a', 'b'], ['c'], []]);
    expect([items.total, items.ended, items.available]).toEqual([3, true, 0]);
  });
});

describe('an array', () => {
  it('may be changed afterwards: it was copied', () => {
    const list = [1, 2, 3];
    const items = input(list);
    list.length = 0;
    expect(items.take(5)).toEqual([1, 2, 3]);
  });

  it('of nothing but numbers is packed, and so are parts of it that are not short', () => {
    const list = range(100);
    const items = input(list);
    list.fill(-1);
    const first = items.take(40);
    expect(first).toBeInstanceOf(Numbers);
    expect([...first]).toStrictEqual(range(40));
    expect([items.take(2), items.available, items.total]).toEqual([[40, 41], 58, 100]);
    items.close();
    expect([items.take(20), items.ended]).toEqual([[], true]);
  });

  it('stays a list where nothing travels', () => {
    expect(input(range(100), false).take(40)).toStrictEqual(range(40));
  });

  it('may have holes', () => {
    // oxlint-disable-next-line no-sparse-arrays -- the subject
    expect(input([1, , 3]).take(5)).toHaveLength(3);
  });

  it('that is closed has nothing any more', () => {
    const items = input([1, 2]);
    items.close();
    expect([items.take(2), items.ended, items.available]).toEqual([[], true, 0]);
  });
});

describe('an iterable', () => {
  it('is asked for no more than is wanted', () => {
    const notes: string[] = [];
    input(noted(notes, 10)).take(2);
    expect(notes).toEqual(['made 0', 'made 1']);
  });

  it('whose iterator returns no objects throws, and is not read for ever', () => {
    const items = input({ [Symbol.iterator]: () => ({ next: () => 5 }) });
    expect(() => items.take(2)).toThrow(
      'Expected `items` to be an iterator whose `next` returns objects, got `5` (number)',
    );
  });

  it('that is closed can clean up, once', () => {
    const notes: string[] = [];
    const items = input(noted(notes, 10));
    items.take(1);
    items.close();
    items.close();
    expect(notes).toEqual(['made 0', 'closed']);
    expect([items.ended, items.take(1)]).toEqual([true, []]);
  });

  it('that has ended is not closed', () => {
    const iterator = {
      next: () => ({ done: true, value: undefined }),
      return: () => {
        throw new Error('closed');
      },
    };
    const items = input({ [Symbol.iterator]: () => iterator });
    expect(items.take(1)).toEqual([]);
    items.close();
  });

  it('that throws in cleaning up harms nobody', () => {
    const items = input(
      (function* () {
        try {
          yield 1;
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- the subject
          throw new Error('cleanup');
        }
      })(),
    );
    items.take(1);
    items.close();
    expect(items.ended).toBe(true);
  });

  it('can be closed while it is being asked', () => {
    let items: Input | undefined;
    const taken: number[] = [];
    items = input(
      (function* () {
        yield 1;
        items?.close();
        yield 2;
      })(),
    );
    taken.push(...(items.take(1) as number[]));
    items.take(1);
    expect([taken, items.ended]).toEqual([[1], true]);
  });

  it('gives what came before it threw, and then throws', () => {
    const items = input(
      (function* () {
        yield 1;
        yield 2;
        throw new Error('no more');
      })(),
    );
    expect(items.take(5)).toEqual([1, 2]);
    expect(items.ended).toBe(false);
    expect(() => items.take(5)).toThrow('no more');
    expect([items.ended, items.total]).toEqual([true, 2]);
  });

  it('that has more items than its size says is taken to its end', () => {
    const items = input({ size: 1, [Symbol.iterator]: () => range(3)[Symbol.iterator]() });
    expect(items.total).toBe(1);
    expect([...items.take(2), ...items.take(2)]).toEqual([0, 1, 2]);
    expect(items.take(2)).toEqual([]);
    expect([items.ended, items.total]).toEqual([true, 3]);
  });
});

describe('the length of an iterable', () => {
  it.each([NaN, -1, 1.5, Infinity, 2 ** 53, '3', () => 3])('is not known where its size is %p', (size) => {
    const items = input({ size, [Symbol.iterator]: () => range(3)[Symbol.iterator]() });
    expect([items.total, items.available]).toEqual([undefined, Infinity]);
    expect([items.take(5), items.total]).toEqual([range(3), 3]);
  });

  it('is its length where its size is none', () => {
    const items = input({ size: NaN, length: 3, [Symbol.iterator]: () => range(3)[Symbol.iterator]() });
    expect([items.total, items.available]).toEqual([3, 3]);
  });
});

describe('the code of an input', () => {
  const storage = new AsyncLocalStorage<string>();

  /** Iterators of both kinds that note in whose context they are called. */
  function noting(notes: string[]) {
    const note = (what: string): void => void notes.push(`${what} for ${storage.getStore()}`);
    const next = (): { done: boolean; value: number } => (note('next'), { done: false, value: 1 });
    const end = (): { done: boolean; value: undefined } => (note('return'), { done: true, value: undefined });
    return {
      iterable: { [Symbol.iterator]: () => ({ next, return: end }) },
      async: { [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => end() }) },
    };
  }

  it.each(['iterable', 'async'] as const)('runs in the async context of whoever gave it: %s', async (kind) => {
    const notes: string[] = [];
    let room = 1;
    const given = noting(notes)[kind];
    const items = storage.run('its caller', () => inputOf(given, deaf, () => room, true));
    await storage.run('another', async () => {
      items.look();
      await until('it has an item', () => items.available > 0);
      items.take(1);
      room = 2;
      items.resume();
      items.take(1);
      await until('it has another', () => items.available > 0);
      items.close();
    });
    expect(new Set(notes)).toEqual(new Set(['next for its caller', 'return for its caller']));
  });
});

describe('an iterable that is looked into', () => {
  it('is asked for one item, which is the next that is taken', () => {
    const notes: string[] = [];
    const items = input(noted(notes, 3));
    items.look();
    items.look();
    expect([notes, items.ended]).toEqual([['made 0'], false]);
    expect([items.take(2), notes.length]).toEqual([[0, 1], 2]);
  });

  it('is known to have ended', () => {
    const items = input(new Set([1]));
    expect(items.take(1)).toEqual([1]);
    items.look();
    expect([items.ended, items.available, items.total]).toEqual([true, 0, 1]);
  });

  it('throws what the input throws, once', () => {
    const items = input({ [Symbol.iterator]: () => ({ next: () => toss(new Error('no more')) }) });
    expect(() => items.look()).toThrow('no more');
    items.look();
    expect([items.ended, items.take(1)]).toEqual([true, []]);
  });

  it('gives nothing when it is closed then, and can clean up', () => {
    const notes: string[] = [];
    const items = input(noted(notes, 3));
    items.look();
    items.close();
    expect([items.take(1), items.ended, notes]).toEqual([[], true, ['made 0', 'closed']]);
  });

  it('gives nothing to whom its own code brings to ask', () => {
    const taken: unknown[] = [];
    const made = function* (): Generator<number> {
      items.look();
      taken.push(...items.take(1));
      yield 1;
    };
    const items = input(made());
    items.look();
    expect([taken, items.take(2)]).toEqual([[], [1]]);
  });
});

describe('an input of both kinds', () => {
  it('is read as `for await` reads it', () => {
    const never = { next: () => new Promise(() => {}) };
    const both = { [Symbol.iterator]: () => ['at once'].values(), [Symbol.asyncIterator]: () => never };
    expect(input(both).take(1)).toEqual([]);
  });
});

describe('an async iterable', () => {
  /** Listens, and takes what comes. */
  function listening(items: AsyncIterable<unknown>, room: () => number = () => Infinity) {
    const heard = { more: 0, failed: [] as unknown[] };
    const listener = { more: () => heard.more++, failed: (error: unknown) => heard.failed.push(error) };
    const taken = inputOf(items, listener, room, true);
    return { heard, items: taken };
  }

  async function* upTo(count: number, notes: string[] = []): AsyncGenerator<number> {
    try {
      for (let item = 0; item < count; item++) {
        notes.push(`made ${item}`);
        yield item;
      }
    } finally {
      notes.push('closed');
    }
  }

  it('tells when there is more, and when it has ended', async () => {
    const { heard, items } = listening(upTo(3));
    expect([items.available, items.total, items.ended]).toEqual([0, undefined, false]);
    await until('all have come', () => items.total === 3);
    expect([heard.more, items.available, items.ended]).toEqual([4, 3, false]);
    expect(items.take(5)).toEqual([0, 1, 2]);
    expect(items.ended).toBe(true);
  });

  it('is not asked before the caller has come to an end', () => {
    const notes: string[] = [];
    listening(upTo(3, notes));
    expect(notes).toEqual([]);
  });

  it('is asked for no more than there is room for', async () => {
    const notes: string[] = [];
    let room = 2;
    const { items } = listening(upTo(10, notes), () => room);
    await until('two wait', () => items.available === 2);
    await Promise.resolve();
    expect(notes).toHaveLength(2);
    items.take(2);
    room = 0;
    items.resume();
    await Promise.resolve();
    expect(notes.length).toBeLessThanOrEqual(3);
    room = 10;
    items.resume();
    await until('the rest has come', () => items.total !== undefined);
  });

  it('is asked for 16 in advance while nobody takes them', async () => {
    const { items } = listening(upTo(5000));
    await until('it waits', () => items.available === 16);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(items.available).toBe(16);
  });

  it('is asked for more in advance where they are taken at once, and for 1024 at most', async () => {
    const { items } = listening(upTo(10_000));
    let [taken, most] = [0, 0];
    while (taken < 10_000) {
      // All that it is asked for comes in this turn.
      await new Promise(setImmediate);
      most = Math.max(most, items.available);
      taken += items.take(Infinity).length;
    }
    expect(most).toBe(1024);
  });

  it('that fails says so', async () => {
    const { heard, items } = listening(
      (async function* () {
        yield 1;
        throw new Error('no more');
      })(),
    );
    await until('it has failed', () => heard.failed.length > 0);
    expect(heard.failed).toEqual([expect.objectContaining({ message: 'no more' })]);
    expect(items.take(5)).toEqual([1]);
    expect(items.ended).toBe(true);
  });

  it('that is closed can clean up, and says nothing more', async () => {
    const notes: string[] = [];
    const { heard, items } = listening(upTo(10, notes));
    await until('some have come', () => heard.more > 0);
    items.close();
    const { more } = heard;
    await until('it is closed', () => notes.includes('closed'));
    expect([items.available, items.ended, heard.more - more]).toEqual([0, true, 0]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('cleanup');
      },
    ],
    ['rejects', () => Promise.reject(new Error('cleanup'))],
    ['returns no promise', () => undefined],
  ])('whose return() %s harms nobody', async (_, close) => {
    const iterator = { next: () => new Promise<never>(() => {}), return: close as () => Promise<never> };
    const { items } = listening({ [Symbol.asyncIterator]: () => iterator });
    await Promise.resolve();
    items.close();
    await Promise.resolve();
    expect(items.ended).toBe(true);
  });
});
