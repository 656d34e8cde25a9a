import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'forkpool';
import { ImapJob, type ImapJobOptions } from '#lib/jobs/imap.js';
import type { Progress } from '#lib/jobs/user-job.js';
import { Window } from '#lib/jobs/window.js';
import { now } from '#lib/wire/clock.js';
import { callOf, FakeOwner } from '../fixtures/fake-owner.js';
import { collect, range, rejection, until } from '../helpers.js';

function start(items: unknown, options: Partial<ImapJobOptions> = {}): { owner: FakeOwner; job: ImapJob } {
  const owner = new FakeOwner();
  const all = { ordered: true, window: new Window(100), settled: false, onReport: undefined, onProgress: undefined };
  const job = new ImapJob(owner, callOf(), items, { ...all, ...options });
  job.submitted();
  return { owner, job };
}

const END = { done: true, value: undefined };

describe('an imap', () => {
  it.each([[[]], [new Set()]])('of nothing ends at once: %p', async (nothing) => {
    const { owner, job } = start(nothing);
    expect([owner.said, job.busy, await job.next()]).toEqual([['ended'], false, END]);
  });

  it('ends with its last result, though its input has not said how long it is', async () => {
    const { owner, job } = start('ab'[Symbol.iterator]());
    job.take(2);
    job.fulfilled(0, ['A', 'B']);
    expect([owner.said, await collect(job)]).toEqual([['ended'], ['A', 'B']]);
  });

  it('yields the results in the order of the items', async () => {
    const { job } = start(['a', 'b', 'c']);
    job.take(3);
    const first = job.next();
    job.fulfilled(1, ['B', 'C']);
    job.fulfilled(0, ['A']);
    expect(await first).toEqual({ done: false, value: 'A' });
    expect(await collect(job)).toEqual(['B', 'C']);
    expect(await job.next()).toEqual(END);
  });

  it('yields numbers that come packed', async () => {
    const { job } = start(range(3));
    job.take(3);
    job.fulfilled(0, Float64Array.of(-0, NaN, 0.5));
    expect(await collect(job)).toStrictEqual([-0, NaN, 0.5]);
  });

  it('has its items wait from when they are taken, not from the call', async () => {
    const { job } = start(range(2));
    const { since: before = NaN } = job.take(1) ?? {};
    const called = now();
    await until('time passes', () => now() > called);
    const { since = NaN } = job.take(1) ?? {};
    expect(before).toBeLessThanOrEqual(called);
    expect(since).toBeGreaterThan(called);
  });

  it('that is unordered yields them as they come', async () => {
    const { job } = start(['a', 'b', 'c'], { ordered: false });
    job.take(3);
    job.fulfilled(2, ['C']);
    job.fulfilled(0, ['A', 'B']);
    expect(await collect(job)).toEqual(['C', 'A', 'B']);
  });

  it('can be read by several at once, each result once', async () => {
    const { job } = start(range(3));
    const reads = Promise.all([job.next(), job.next(), job.next(), job.next()]);
    job.take(3);
    job.fulfilled(0, range(3));
    expect((await reads).map(({ value }) => value)).toEqual([0, 1, 2, undefined]);
  });

  it('goes on after an item that failed', async () => {
    const { job } = start(range(2));
    job.take(2);
    job.rejected(0, 'no');
    job.fulfilled(1, ['yes']);
    expect(await rejection(job.next())).toBe('no');
    expect([await job.next(), await job.next()]).toEqual([{ done: false, value: 'yes' }, END]);
  });

  it.each([
    [true, { status: 'rejected', reason: 'no' }],
    [false, { index: 0, status: 'rejected', reason: 'no' }],
  ])('with settled yields outcomes; ordered: %s', async (ordered, outcome) => {
    const { job } = start(range(1), { settled: true, ordered });
    job.take(1);
    job.rejected(0, 'no');
    expect((await job.next()).value).toEqual(outcome);
  });
});

describe('the window', () => {
  it('bounds exactly what is taken and not yet yielded', async () => {
    let made = 0;
    const items = (function* () {
      for (;;) yield made++;
    })();
    const { job } = start(items, { window: new Window(3) });
    expect([job.waiting, job.take(9)?.items, job.waiting, made]).toEqual([3, [0, 1, 2], 0, 3]);
    job.fulfilled(0, range(3));
    expect([job.waiting, job.take(1)]).toEqual([0, undefined]);
    await job.next();
    expect([job.waiting, job.take(9)?.items, made]).toEqual([1, [3], 4]);
  });

  it('is full with what is taken: its input is not asked then whether there is more', async () => {
    let made = 0;
    const items = (function* () {
      for (;;) yield made++;
    })();
    const { job } = start(items, { window: new Window(2) });
    job.take(2);
    job.fulfilled(0, range(2));
    expect(made).toBe(2);
    await job.next();
    expect(made).toBe(3);
  });

  it('makes room for each result that is read, and says so', async () => {
    const { owner, job } = start(range(9), { window: new Window(2) });
    job.take(2);
    job.fulfilled(0, [0, 1]);
    await job.next();
    expect(owner.said).toEqual(['submit']);
  });

  it('bounds an input that comes in time as well', async () => {
    let made = 0;
    const items = (async function* () {
      for (;;) yield made++;
    })();
    const { job } = start(items, { window: new Window(4) });
    await until('it waits', () => job.waiting === 4);
    expect([job.take(3)?.items, made]).toEqual([[0, 1, 2], 4]);
    job.fulfilled(0, range(3));
    await job.next();
    await until('one more was asked for', () => made === 5);
    await job.return();
  });

  it('is lifted by liftBound', () => {
    const { owner, job } = start(range(9), { window: new Window(2) });
    job.liftBound();
    expect([job.waiting, owner.said]).toEqual([9, ['submit']]);
  });

  it('is there again when all who had lifted it have bound it', () => {
    const { job } = start(range(9), { window: new Window(2) });
    job.liftBound();
    job.liftBound();
    job.restoreBound();
    expect(job.waiting).toBe(9);
    job.take(1);
    job.restoreBound();
    expect(job.waiting).toBe(1);
  });
});

describe('next', () => {
  it('with a time limit gives up, and the result can be read later', async () => {
    const { job } = start(range(1));
    job.take(1);
    expect(await rejection(job.next(1))).toBeInstanceOf(TimeoutError);
    expect(await rejection(job.next(0))).toBeInstanceOf(TimeoutError);
    job.fulfilled(0, ['late']);
    expect(await job.next(0)).toEqual({ done: false, value: 'late' });
    expect(await job.next(0)).toEqual(END);
  });

  it('with 0 waits for nothing, and leaves what comes in the same turn to the next reader', async () => {
    const { job } = start(range(1));
    job.take(1);
    const polled = rejection(job.next(0));
    job.fulfilled(0, ['late']);
    expect(await polled).toBeInstanceOf(TimeoutError);
    expect(await job.next(0)).toEqual({ done: false, value: 'late' });
  });

  it('refuses a time limit that is none', async () => {
    const { job } = start(range(1));
    expect(await rejection(job.next(-1))).toBeInstanceOf(RangeError);
    expect(await rejection(job.next('1' as never))).toBeInstanceOf(TypeError);
  });
});

describe('return', () => {
  it('drops the rest, closes the input, and ends whoever reads', async () => {
    let closed = 0;
    const items = (function* () {
      try {
        for (let item = 0; ; item++) yield item;
      } finally {
        closed++;
      }
    })();
    const { owner, job } = start(items);
    job.take(2);
    job.fulfilled(0, [0]);
    await job.next();
    const reader = job.next();
    expect(await job.return()).toEqual(END);
    expect([await reader, await job.next(), closed]).toEqual([END, END, 1]);
    expect([job.open, job.waiting, job.busy]).toEqual([false, 0, false]);
    expect(owner.said).toContain('withdraw');
    job.fulfilled(1, ['late']);
    expect(await job.next()).toEqual(END);
  });

  it('resolves with what it is given, as that of a generator does', async () => {
    const { job } = start(range(1));
    expect(await job.return('mine')).toEqual({ done: true, value: 'mine' });
    expect(await job.return(Promise.resolve('late'))).toEqual({ done: true, value: 'late' });
    expect(await rejection(job.return(Promise.reject(new Error('no value'))))).toMatchObject({ message: 'no value' });
    expect(await job.next()).toEqual(END);
  });

  it('of a generator that has it behind yield* returns what that is given', async () => {
    const { job } = start(range(2));
    const outer = (async function* (): AsyncGenerator<unknown, string> {
      yield* job;
      return 'its own';
    })();
    job.take(2);
    job.fulfilled(0, range(2));
    await outer.next();
    expect(await outer.return('mine')).toEqual({ done: true, value: 'mine' });
    expect(job.open).toBe(false);
  });

  it('ends the job once, and after its end nothing', async () => {
    const { owner, job } = start(range(1));
    await job.return();
    await job.return();
    expect(owner.said.filter((what) => what === 'ended')).toHaveLength(1);
  });
});

describe('an imap whose input throws', () => {
  it('yields what came before, then the error, then ends', async () => {
    const { job } = start(
      (function* () {
        yield* range(3);
        throw new Error('no more');
      })(),
    );
    job.take(2);
    job.take(2);
    expect(job.take(2)).toBeUndefined();
    job.fulfilled(0, range(3));
    expect([(await job.next()).value, (await job.next()).value, (await job.next()).value]).toEqual(range(3));
    expect(await rejection(job.next())).toMatchObject({ message: 'no more' });
    expect(await job.next()).toEqual(END);
  });

  it('in time yields all that came before, though nobody had taken it yet', async () => {
    let threw = false;
    const { job } = start(
      (async function* () {
        yield* range(3);
        threw = true;
        throw new Error('no more');
      })(),
    );
    await until('it has failed', () => threw);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(job.take(9)).toMatchObject({ index: 0, items: range(3) });
    job.fulfilled(0, range(3));
    expect([(await job.next()).value, (await job.next()).value, (await job.next()).value]).toEqual(range(3));
    expect(await rejection(job.next())).toMatchObject({ message: 'no more' });
    expect(await job.next()).toEqual(END);
  });
});

describe('an imap whose input ends it', () => {
  it.each(['return', 'fail', 'abort'] as const)('by %s gives nothing away any more', async (how) => {
    const items = function* (): Generator<number> {
      yield* range(2);
      void job[how]('reason');
      yield* range(2);
    };
    const { owner, job } = start(items());
    expect([job.take(9), job.take(9), owner.said[0]]).toEqual([undefined, undefined, 'ended']);
    if (how !== 'return') expect(await rejection(job.next())).toBe('reason');
    expect(await job.next()).toEqual(END);
  });
});

describe('an imap that is given up', () => {
  it.each(['fail', 'abort'] as const)('by %s rejects one reader with the reason, and then ends', async (how) => {
    const { owner, job } = start(range(5));
    job.take(2);
    const readers = [job.next(), job.next()].map((promise) => promise.catch((error: unknown) => error));
    job[how]('reason');
    expect(await Promise.all(readers)).toEqual(['reason', END]);
    expect(owner.said).toEqual(['ended', how === 'fail' ? 'withdraw' : 'abort']);
    expect(owner.endedWith).toEqual(['reason']);
  });

  it('tells the reason to who reads later', async () => {
    const { job } = start(range(5));
    job.fail('reason');
    expect(await rejection(job.next())).toBe('reason');
    expect(await job.next()).toEqual(END);
  });
});

describe('the program', () => {
  it('is kept by what runs, waits or is awaited, and not by results that nobody reads', async () => {
    const { owner, job } = start(range(2));
    expect(job.busy).toBe(true);
    job.take(2);
    expect(job.busy).toBe(true);
    job.fulfilled(0, range(2));
    expect(job.busy).toBe(false);
    expect(owner.changes).toBeGreaterThan(0);
    expect(await collect(job)).toEqual(range(2));
  });
});

describe('the listeners of an imap', () => {
  it('hear of progress and reports', async () => {
    const progress: Progress[] = [];
    const reports: unknown[][] = [];
    const { job } = start(range(2), {
      onProgress: (told) => progress.push(told),
      onReport: (...told) => reports.push(told),
    });
    job.take(2);
    job.reported(1, 1, 'half');
    job.fulfilled(0, [0]);
    job.rejected(1, 'no');
    job.progressed();
    expect(progress).toEqual([{ done: 2, failed: 1, total: 2 }]);
    expect(reports).toEqual([['half', { index: 1, attempt: 1 }]]);
  });

  it('that throw end it with what they threw', async () => {
    const { job } = start(range(2), {
      onReport: () => {
        throw new Error('not interested');
      },
    });
    job.take(1);
    job.reported(0, 1, 'half');
    expect(await rejection(job.next())).toMatchObject({ message: 'not interested' });
    expect(await job.next()).toEqual(END);
  });
});
