import { describe, expect, it } from '@jest/globals';
import type { Call } from '#lib/executor.js';
import { MapJob, type MapJobOptions } from '#lib/jobs/map.js';
import type { Progress } from '#lib/jobs/user-job.js';
import { callOf, FakeOwner, FakeSettle } from '../fixtures/fake-owner.js';
import { range, until } from '../helpers.js';

interface Started {
  readonly owner: FakeOwner;
  readonly settle: FakeSettle<unknown[]>;
  readonly job: MapJob;
}

function start(items: unknown, options: Partial<MapJobOptions> = {}, call: Partial<Call> = {}): Started {
  const owner = new FakeOwner();
  const settle = new FakeSettle<unknown[]>();
  const all = { settled: false, stopOnError: false, onReport: undefined, onProgress: undefined, ...options };
  const job = new MapJob(owner, callOf(call), items, all, settle);
  job.submitted();
  return { owner, settle, job };
}

function* failingAfter(count: number): Generator<number> {
  yield* range(count);
  throw new Error('no more');
}

describe('a map', () => {
  it('of nothing is done at once', () => {
    for (const nothing of [[], new Set()]) {
      const { settle } = start(nothing);
      expect(settle.outcomes).toEqual([{ value: [] }]);
    }
  });

  it('asks its input for one item before that is wanted, to know whether there is one', () => {
    let made = 0;
    const { job } = start(
      (function* () {
        for (;;) yield made++;
      })(),
    );
    expect([made, job.take(2)?.items, made]).toEqual([1, [0, 1], 2]);
    job.fulfilled(0, [0]);
    expect(made).toBe(2);
    job.fulfilled(1, [1]);
    expect(made).toBe(3);
  });

  it('ends with its last result, though its input has not said how long it is', () => {
    const { settle, job } = start('ab'[Symbol.iterator]());
    job.take(2);
    job.fulfilled(0, ['A', 'B']);
    expect(settle.outcomes).toEqual([{ value: ['A', 'B'] }]);
  });

  it('gives its items away in order, with their indices', () => {
    const { job } = start('abcde');
    expect(job.take(2)).toMatchObject({ index: 0, attempt: 1, items: ['a', 'b'] });
    expect(job.waiting).toBe(3);
    expect(job.take(9)).toMatchObject({ index: 2, items: ['c', 'd', 'e'] });
    expect(job.take(1)).toBeUndefined();
  });

  it('puts the results in the order of the items, whenever they come', () => {
    const { owner, settle, job } = start(range(5));
    job.take(5);
    job.fulfilled(3, ['d', 'e']);
    job.fulfilled(0, ['a']);
    job.fulfilled(1, ['b', 'c']);
    expect(settle.outcomes).toEqual([{ value: ['a', 'b', 'c', 'd', 'e'] }]);
    expect([owner.said, job.busy]).toEqual([['ended'], false]);
  });

  it('takes results of any kind, whatever the first one was', () => {
    for (const [first, ...rest] of [
      [1, 'b', undefined],
      [0.5, 2, {}],
      ['a', 0.5, null],
    ]) {
      const { settle, job } = start(range(3));
      job.take(3);
      job.fulfilled(0, [first]);
      job.fulfilled(1, rest);
      expect(settle.outcomes).toEqual([{ value: [first, ...rest] }]);
    }
  });

  it('takes numbers that are packed, and gives a list of them', () => {
    const { settle, job } = start(range(4));
    job.take(4);
    job.fulfilled(1, Float64Array.of(-0, NaN));
    job.fulfilled(0, ['a']);
    job.fulfilled(3, Float64Array.of(0.5));
    expect(settle.outcomes).toStrictEqual([{ value: ['a', -0, NaN, 0.5] }]);
  });

  it('says of numbers that are packed how they ended, where that is wanted', () => {
    const { settle, job } = start(range(2), { settled: true });
    job.take(2);
    job.fulfilled(0, Float64Array.of(1, 2));
    expect(settle.outcomes).toStrictEqual([
      {
        value: [
          { status: 'fulfilled', value: 1 },
          { status: 'fulfilled', value: 2 },
        ],
      },
    ]);
  });

  it('leaves no place without a result, in whatever order they come', () => {
    const { settle, job } = start(range(4));
    job.take(4);
    job.fulfilled(2, [3, 4]);
    job.fulfilled(0, [undefined, 2]);
    expect(settle.outcomes).toStrictEqual([{ value: [undefined, 2, 3, 4] }]);
  });

  it.each([9, -1, 1.5, NaN, 1e9, 0])('has as many results as its input gave items, though that says %p', (length) => {
    const items = { length, [Symbol.iterator]: () => range(3)[Symbol.iterator]() };
    const { settle, job } = start(items);
    // Before the input has shown where it ends, its word is all there is.
    job.take(2);
    job.fulfilled(0, [0, 1]);
    while (job.take(5) !== undefined) job.fulfilled(2, [2]);
    expect(settle.outcomes).toEqual([{ value: range(3) }]);
  });

  it('ends with the error of the lowest index, when all have answered', () => {
    const { settle, job } = start(range(3));
    job.take(3);
    job.rejected(2, 'second');
    job.rejected(0, 'first');
    expect(settle.outcomes).toEqual([]);
    job.fulfilled(1, [1]);
    expect(settle.outcomes).toEqual([{ error: 'first' }]);
  });

  it('with stopOnError ends with the first error in time, and gives no more away', () => {
    const { owner, settle, job } = start(range(9), { stopOnError: true });
    job.take(3);
    job.rejected(2, 'first in time');
    expect(settle.outcomes).toEqual([{ error: 'first in time' }]);
    expect([job.open, job.waiting, job.take(1), owner.said]).toEqual([false, 0, undefined, ['ended', 'withdraw']]);
    job.rejected(0, 'later');
    job.fulfilled(1, [1]);
    expect(settle.outcomes).toHaveLength(1);
  });

  it('with settled gives the outcome of each', () => {
    const { settle, job } = start(range(2), { settled: true });
    job.take(2);
    job.rejected(0, 'no');
    job.fulfilled(1, ['yes']);
    expect(settle.outcomes).toEqual([
      {
        value: [
          { status: 'rejected', reason: 'no' },
          { status: 'fulfilled', value: 'yes' },
        ],
      },
    ]);
  });

  it.each(['fail', 'abort'] as const)('settles once when it is given up by %s', (how) => {
    const { owner, settle, job } = start(range(5));
    job.take(2);
    job[how]('reason');
    job[how]('again');
    job.withdrawn(1);
    job.fulfilled(0, [0]);
    expect(settle.outcomes).toEqual([{ error: 'reason' }]);
    expect([owner.said, owner.endedWith]).toEqual([['ended', how === 'fail' ? 'withdraw' : 'abort'], ['reason']]);
  });

  it('settles though its input throws in cleaning up', () => {
    const items = (function* () {
      try {
        yield* range(5);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- the subject
        throw new Error('cleanup');
      }
    })();
    const { owner, settle, job } = start(items, { stopOnError: true });
    job.take(1);
    job.rejected(0, 'no');
    expect([settle.outcomes, owner.said]).toEqual([[{ error: 'no' }], ['ended', 'withdraw']]);
  });
});

describe('a map whose input ends it', () => {
  it.each(['fail', 'abort'] as const)('by %s gives nothing away any more', (how) => {
    const items = function* (): Generator<number> {
      yield* range(2);
      job[how]('reason');
      yield* range(2);
    };
    const { owner, settle, job } = start(items());
    expect([job.take(9), job.take(9)]).toEqual([undefined, undefined]);
    expect([settle.outcomes, owner.said[0]]).toEqual([[{ error: 'reason' }], 'ended']);
  });
});

describe('a map whose input throws', () => {
  it('drops what waits, and rejects when what runs has ended', () => {
    const { owner, settle, job } = start(failingAfter(4));
    job.take(4);
    expect(job.take(1)).toBeUndefined();
    expect([job.open, job.waiting, owner.said, settle.outcomes]).toEqual([false, 0, ['withdraw'], []]);
    job.withdrawn(2);
    job.fulfilled(0, [0]);
    job.rejected(1, 'less important');
    expect(settle.outcomes).toEqual([{ error: expect.objectContaining({ message: 'no more' }) }]);
  });

  it('rejects at once when nothing runs', () => {
    const { settle, job } = start(failingAfter(0));
    job.take(1);
    expect(settle.outcomes).toEqual([{ error: expect.objectContaining({ message: 'no more' }) }]);
  });

  it('in time rejects in the same way', async () => {
    const { settle, job } = start(
      (async function* () {
        yield 1;
        throw new Error('no more');
      })(),
    );
    await until('it has failed', () => !job.open);
    expect(settle.outcomes).toEqual([{ error: expect.objectContaining({ message: 'no more' }) }]);
  });
});

describe('a map whose input comes in time', () => {
  it('is submitted when there is something to take, and ends with its input', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { owner, settle, job } = start(
      (async function* () {
        yield 'a';
        await gate;
      })(),
    );
    await until('it is submitted', () => owner.said.length > 0);
    expect(job.take(5)).toMatchObject({ index: 0, items: ['a'] });
    job.fulfilled(0, ['A']);
    expect([settle.outcomes, job.busy]).toEqual([[], true]);
    open();
    await until('it has ended', () => settle.outcomes.length > 0);
    expect(settle.outcomes).toEqual([{ value: ['A'] }]);
  });
});

describe('a starmap', () => {
  it('refuses an item that is no list of arguments, at once where it can be seen', () => {
    expect(() => start([[1], 2], {}, { spread: true })).toThrow('Expected `items` to be lists of arguments');
  });

  it('fails when such an item comes', () => {
    const { settle, job } = start(new Set([[1], 2]), {}, { spread: true });
    expect(job.take(1)?.items).toEqual([[1]]);
    job.fulfilled(0, [1]);
    expect(job.take(1)).toBeUndefined();
    expect(settle.outcomes).toEqual([{ error: expect.any(TypeError) }]);
  });
});

describe('the listeners of a map', () => {
  it('hear of progress at most once a chunk, last when all are done', () => {
    const told: Progress[] = [];
    const { job } = start(range(5), { onProgress: (progress) => told.push(progress) });
    job.take(5);
    job.fulfilled(0, [0, 1]);
    job.progressed();
    job.progressed();
    job.rejected(2, 'no');
    job.fulfilled(3, [3, 4]);
    job.progressed();
    expect(told).toEqual([
      { done: 2, failed: 0, total: 5 },
      { done: 5, failed: 1, total: 5 },
    ]);
  });

  it('hear no total before it is known', () => {
    const told: Progress[] = [];
    const { job } = start(range(2)[Symbol.iterator](), { onProgress: (progress) => told.push(progress) });
    job.take(1);
    job.fulfilled(0, [0]);
    job.progressed();
    job.take(1);
    job.fulfilled(1, [1]);
    job.progressed();
    expect(job.take(1)).toBeUndefined();
    expect(told[0]).toEqual({ done: 1, failed: 0, total: undefined });
    expect(told.at(-1)).toMatchObject({ done: 2 });
  });

  it('hear the total, and that all are done, of an input that says so after its last item has answered', async () => {
    const told: Progress[] = [];
    let end = (): void => {};
    const items = (async function* () {
      yield 'only';
      await new Promise<void>((resolve) => (end = resolve));
    })();
    const { job, settle } = start(items, { onProgress: (progress) => told.push(progress) });
    await until('it has an item', () => job.waiting === 1);
    job.take(1);
    job.fulfilled(0, ['done']);
    job.progressed();
    await until('it has been asked for another', () => end.name === 'resolve' || end.length === 1);
    end();
    await until('it has ended', () => settle.outcomes.length === 1);
    expect(told).toEqual([
      { done: 1, failed: 0, total: undefined },
      { done: 1, failed: 0, total: 1 },
    ]);
  });

  it('hear what tasks report, until the map has ended', () => {
    const told: unknown[][] = [];
    const { job } = start(range(1), { onReport: (...report) => told.push(report) });
    job.take(1);
    job.reported(0, 1, 'half');
    job.fulfilled(0, [0]);
    job.reported(0, 1, 'late');
    expect(told).toEqual([['half', { index: 0, attempt: 1 }]]);
  });

  it.each(['onReport', 'onProgress'] as const)('that throw end the map with what they threw: %s', (name) => {
    const { owner, settle, job } = start(range(3), {
      [name]: () => {
        throw new Error('not interested');
      },
    });
    job.take(2);
    job.reported(0, 1, 'half');
    job.fulfilled(0, [0]);
    job.progressed();
    expect(settle.outcomes).toEqual([{ error: expect.objectContaining({ message: 'not interested' }) }]);
    expect(owner.said).toEqual(['ended', 'withdraw']);
  });
});
