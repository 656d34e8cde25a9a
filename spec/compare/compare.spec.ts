import { describe, expect, it, jest } from '@jest/globals';
import { tasksFrom, WorkerLostError } from 'forkpool';
import { compare, renderTable, type CompareOptions, type CompareProgress, type Comparison } from 'forkpool/bench';
import { mixedOrder } from '#lib/compare/supply.js';
import {
  endsThreads,
  exitsInTheFourth,
  exitsOnNegative,
  fails,
  failsOnOdd,
  hangsInThreads,
  hash,
  later,
  stop,
  stopsOrFails,
  takesFour,
  useUp,
  worksOnce,
} from '../fixtures/workloads.js';
import { leavesNoChild, range, rejection, temporaryFiles } from '../helpers.js';

leavesNoChild();

const file = temporaryFiles();

// A comparison takes longer than its time where starts do: as many pools as it has, one after the other.
jest.setTimeout(90_000);

const BRIEF = { time: 1500, rounds: 1, processes: [1], concurrency: [1] } as const satisfies CompareOptions;

describe('compare', () => {
  it('measures every pool that was asked for, in every size, beside one at a time', async () => {
    const told: CompareProgress[] = [];
    const options = { ...BRIEF, time: 10_000, processes: [1, 2], onProgress: (so: CompareProgress) => told.push(so) };
    const found = await compare(hash, range(20), options);
    expect(found.contenders.map(({ name }) => name)).toEqual([
      'Pool of 1',
      'Pool of 2',
      'ThreadPool of 1',
      'ThreadPool of 2',
      'AsyncPool of 1',
    ]);
    for (const { throughput, runTime, waitTime, failures, pool, memory, speedups } of found.contenders) {
      expect(throughput).toBeGreaterThan(0);
      expect(runTime.p50).toBeGreaterThan(0);
      expect(runTime.max).toBeGreaterThanOrEqual(runTime.p99);
      expect(waitTime.count).toBe(runTime.count);
      expect(failures.failed).toBe(0);
      expect(speedups).toHaveLength(found.rounds);
      if (pool === 'process') expect(memory).toBeGreaterThan(10 * 2 ** 20);
    }
    expect(told.map(({ turn }) => turn)).toEqual([
      'a first look',
      'one at a time',
      ...found.contenders.map(({ name }) => name),
    ]);
    expect(found.message.result.bytes).toBeGreaterThan(64);
    expect(found.items).toEqual({ given: 20, used: expect.any(Number) });
  });

  it('is plain data', async () => {
    const found = await compare(hash, range(5), { ...BRIEF, pools: ['async'] });
    expect(JSON.parse(JSON.stringify(found)) as Comparison).toEqual(JSON.parse(JSON.stringify(structuredClone(found))));
  });

  it('takes a name by the `tasksFrom` of forkpool', async () => {
    const tasks = tasksFrom<typeof import('../fixtures/workloads.js')>(
      new URL('../fixtures/workloads.js', import.meta.url),
    );
    const found = await compare(tasks.hash, range(5), { ...BRIEF, pools: ['thread'] });
    expect(found.contenders.map(({ name }) => name)).toEqual(['ThreadPool of 1']);
  });

  it('counts the tasks that fail, and says which item the first was', async () => {
    const found = await compare(failsOnOdd, range(10), {
      ...BRIEF,
      pools: ['async'],
      itemName: (at) => `line ${at + 1}`,
    });
    const { failed, of, first } = found.oneAtATime.failures;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(of);
    expect(first?.item).toBe(Number(/RangeError: (\d+) is odd/.exec(first?.error ?? '')?.[1]));
    expect(first?.name).toBe(`line ${(first?.item ?? 0) + 1}`);
    expect(renderTable(found)).toContain(`of line ${(first?.item ?? 0) + 1}: RangeError`);
  });

  it('does not recommend a pool that only refuses faster, and says why', async () => {
    const sizes = { pools: ['async'], concurrency: [4, 64] } as const;
    const found = await compare(takesFour, range(40), { ...BRIEF, time: 4000, ...sizes });
    expect(found.contenders.map(({ failures }) => failures.failed > 0)).toEqual([false, true]);
    expect(found.verdict.use?.name).toBe('AsyncPool of 4');
    expect(found.verdict.text).toMatch(
      /AsyncPool of 64 is no choice: \d+ % of its tasks failed, and none one at a time/,
    );
    expect(renderTable(found)).toMatch(/^AsyncPool of 64: .* of item \d+: Error: too many\. .* not recommended/m);
  });

  it('gives a function that changes its items fresh ones in each task, and says so', async () => {
    const lists = [[1, 2], [3, 4], [5]];
    const found = await compare(useUp, lists, { ...BRIEF, time: 3000, pools: ['async'] });
    for (const { runTime } of [found.oneAtATime, ...found.contenders]) expect(runTime.p50).toBeGreaterThan(0.5);
    expect(found.verdict.kind).not.toBe('tiny');
    expect(found.notes.join('\n')).toMatch(/The function changes its items: .* was given a copy/);
    expect(lists).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('says nothing of changed items of a function that changes none', async () => {
    const found = await compare(hash, range(3), { ...BRIEF, pools: ['async'] });
    expect(found.notes.join('\n')).not.toMatch(/changes its items/);
  });

  it('rejects when every task fails, with the first error', async () => {
    const error = await rejection(compare(fails as (x: number) => void, [1, 2], BRIEF));
    expect(error).toMatchObject({
      code: 'ERR_COMPARE',
      message: expect.stringMatching(/^Every task failed, .*TypeError: always$/),
    });
  });

  it('looks at more items where the first one fails, and there is time for no second', async () => {
    const first = mixedOrder(6)[0] as number;
    const given = range(6).map((at) => (at === first ? -300 : 300));
    const found = await compare(stopsOrFails, given, { ...BRIEF, time: 4000, pools: ['async'] });
    const { failures } = found.oneAtATime;
    expect(failures.first?.item).toBe(first);
    expect(failures.of).toBeGreaterThan(failures.failed);
    expect(found.verdict.kind).toBe('blocking IO');
  });

  it('rejects when only tasks of the first look succeed', async () => {
    const error = await rejection(compare(worksOnce, [file('once')], { ...BRIEF, pools: ['async'] }));
    expect(error).toMatchObject({
      code: 'ERR_COMPARE',
      message: expect.stringMatching(/^Every task failed, .*EEXIST/),
    });
  });

  it('names the item whose task ends its process, and what to do', async () => {
    const error = await rejection(
      compare(exitsOnNegative, [3, -1, 4, 5], { ...BRIEF, time: 10_000, pools: ['process'] }),
    );
    expect(error).toMatchObject({
      code: 'ERR_COMPARE',
      cause: expect.any(WorkerLostError),
      message: expect.stringMatching(
        /^One at a time, the task of item 1 ended its process; leave such items out\. WorkerLostError: .* code 5/,
      ),
    });
  });

  it('keeps the rounds before one in which one at a time broke, and says why there are no more', async () => {
    const found = await compare(exitsInTheFourth, [file('programs')], {
      ...BRIEF,
      // With less, a busy machine has no time for a second round.
      time: 30_000,
      rounds: 3,
      pools: ['async'],
    });
    expect(found.rounds).toBe(1);
    expect(found.contenders[0]?.speedups).toHaveLength(1);
    expect(found.notes.join('\n')).toMatch(
      /^1 of 3 rounds: PoolError: One at a time, the task of .* ended its process/m,
    );
  });

  it('rejects when there are no items', async () => {
    expect(await rejection(compare(hash, [], BRIEF))).toMatchObject({ code: 'ERR_COMPARE' });
  });

  it('takes fewer items, rounds and contenders when tasks are long, and says so', async () => {
    const found = await compare(stop, [400, 401, 402, 403], { time: 3000, rounds: 3, pools: ['thread'] });
    expect(found.rounds).toBe(1);
    expect(found.contenders.length).toBeLessThan(4);
    expect(found.notes.join('\n')).toMatch(/1 of 3 rounds/);
    expect(found.notes.join('\n')).toMatch(/left out: no time, at (?:[4-9]\d\d ms|\d\.\d\d s) a task/);
  });

  it('has a verdict however short its time is', async () => {
    const found = await compare(hash, range(3), { time: 50, rounds: 1, pools: ['process'], processes: [1] });
    expect(found.contenders.map(({ broken }) => broken)).toEqual([undefined]);
    expect(found.verdict.text).not.toBe('');
  });

  it('uses no more items than it may', async () => {
    expect((await compare(hash, range(100), { ...BRIEF, pools: ['async'], maxItems: 3 })).items.given).toBe(3);
  });

  it('reads no more items than it uses, so that they may be without end', async () => {
    let read = 0;
    function* endless(): Generator<number> {
      for (;;) {
        if (read > 100) throw new Error('it reads on');
        yield read++;
      }
    }
    const found = await compare(hash, endless(), { ...BRIEF, pools: ['async'], maxItems: 3 });
    expect(found.items.given).toBe(3);
    expect(read).toBe(3);
  });

  it('goes on without a pool that cannot run, and says why', async () => {
    const broken = await compare(hash, range(5), {
      ...BRIEF,
      // With less, a busy machine has no time for a second contender.
      time: 15_000,
      processes: [1],
      pools: ['thread', 'async'],
      initializer: async () => {
        const { isMainThread } = await import('node:worker_threads');
        if (!isMainThread) throw new RangeError('no threads');
      },
    });
    const [thread, loop] = broken.contenders;
    expect(thread?.broken).toContain('no threads');
    expect(loop?.broken).toBeUndefined();
    expect(renderTable(broken)).toMatch(/ThreadPool of 1 could not run: .*no threads/);
  });

  it('runs few tasks in a turn where nobody knows how large their results are', async () => {
    const found = await compare(later, range(5), { ...BRIEF, pools: ['async'] });
    const [loop] = found.contenders;
    expect(loop?.failures).toEqual({ failed: 0, of: 1000, first: undefined });
    expect(found.message.result).toEqual({ bytes: 0, serializeMs: 0, deserializeMs: 0 });
  });

  it('leaves out the pools for which one that hung has left no time, and says so', async () => {
    const sizes = { pools: ['process', 'thread', 'async'], processes: [1, 2] } as const;
    const found = await compare(hangsInThreads, range(5), { ...BRIEF, time: 10_000, ...sizes });
    expect(found.contenders.map(({ name }) => name)).toEqual(['Pool of 1', 'Pool of 2', 'ThreadPool of 1']);
    expect(found.contenders.at(-1)?.broken).toMatch(/^PoolError: It was not done within \d+ ms/);
    expect(found.notes).toContain(
      'Left out, since ThreadPool of 1 took the time that there was: ThreadPool of 2, AsyncPool of 1.',
    );
  });

  it('spares this program the tasks that have ended a worker', async () => {
    const found = await compare(endsThreads, range(5), { ...BRIEF, time: 6000, pools: ['thread', 'async'] });
    const [thread, loop] = found.contenders;
    expect(thread?.broken).toBeUndefined();
    expect(thread?.failures.first?.error).toMatch(/^WorkerLostError/);
    expect(loop).toMatchObject({
      throughput: 0,
      broken: 'A task has ended a worker of ThreadPool of 1; here it would end this program',
    });
  });

  it('ends all workers when its signal is aborted, and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborting =
      (turns: number) =>
      ({ turn }: CompareProgress): void => {
        if (turn.startsWith('Pool') && turns-- === 0) setImmediate(() => controller.abort(reason));
      };
    const found = compare(hash, range(10), {
      ...BRIEF,
      pools: ['process'],
      signal: controller.signal,
      onProgress: aborting(0),
    });
    expect(await rejection(found)).toBe(reason);
  });

  it('refuses items that are no iterable', async () => {
    expect(await rejection(compare(hash, 3 as unknown as number[], BRIEF))).toMatchObject({
      name: 'TypeError',
      message: 'Expected `items` to be an iterable, got `3` (number)',
    });
  });

  it.each([null, 4, 'x', [1]])('refuses the options %j, which are no object', async (options) => {
    const error = await rejection(compare(hash, [1], options as unknown as CompareOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringMatching(/^Expected `options` to be an object, got /) });
  });

  it.each([
    [{ signal: new AbortController() }, TypeError, /^Expected `signal` to be an AbortSignal, got `AbortController/],
    [{ signal: null }, TypeError, /^Expected `signal` to be an AbortSignal, got null/],
    [{ onProgress: 'x' }, TypeError, /^Expected `onProgress` to be a function, got `'x'` \(string\)/],
    [{ itemName: 'x' }, TypeError, /^Expected `itemName` to be a function/],
    [{ pools: null }, TypeError, /^Expected `pools` to be an array/],
    [{ rounds: null }, TypeError, /^Expected `rounds` to be a whole number/],
    [{ concurrency: [4097] }, RangeError, /^Expected `concurrency` to be a whole number from 1 to 4096, got `4097`/],
    [{ processes: [4097] }, RangeError, /^Expected `processes` to be a whole number from 1 to 4096/],
    [{ processes: 2 }, TypeError, /^Expected `processes` to be an array of numbers/],
  ])('refuses the options %j, and names the one that is wrong', async (options, type, message) => {
    const error = await rejection(compare(hash, [1], options as unknown as CompareOptions));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  it.each([
    [{ pools: ['fibre'] }, /`pools` to be an array of process, thread, async/],
    [{ processes: [0] }, /`processes` to be a whole number from 1 up/],
    [{ rounds: 1.5 }, /`rounds` to be a whole number from 1 up/],
    [{ sizes: [1] }, /Unknown option `sizes` of `compare`/],
  ])('refuses the options %j', async (options, message) => {
    expect(await rejection(compare(hash, [1], options as CompareOptions))).toMatchObject({
      message: expect.stringMatching(message),
    });
  });
});
