import { afterEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channels, publish, type Diagnostics } from '#lib/diagnostics.js';
import { failOdd, killSelf, log, square } from './fixtures/tasks.js';
import { linesOf, range, rejection, temporaryFiles } from './helpers.js';
import { forked, pools, poolsOf, walled } from './pools.js';

const file = temporaryFiles();

const NAME = 'forkpool:result:unobserved';
const heard: unknown[] = [];
const listener = (message: unknown): void => void heard.push(message);

afterEach(() => {
  unsubscribe(NAME, listener);
  heard.length = 0;
});

describe('diagnostics', () => {
  it('reach who listens on the channel of that name', () => {
    subscribe(NAME, listener);
    publish(NAME, { error: 'no' });
    expect(heard).toEqual([{ error: 'no' }]);
  });

  it('reach nobody else', () => {
    publish(NAME, { error: 'too early' });
    subscribe(NAME, listener);
    publish('forkpool:job:end', { job: 1 });
    expect(heard).toEqual([]);
  });

  it('know whether anybody listens', () => {
    expect(channels[NAME].hasSubscribers).toBe(false);
    subscribe(NAME, listener);
    expect(channels[NAME].hasSubscribers).toBe(true);
    unsubscribe(NAME, listener);
    expect(channels[NAME].hasSubscribers).toBe(false);
  });
});

describe('a pool', () => {
  const make = poolsOf();

  /** What is published on a channel while a spec runs. */
  function published<Name extends keyof Diagnostics>(name: Name): Diagnostics[Name][] {
    const messages: Diagnostics[Name][] = [];
    const hear = (message: unknown): void => void messages.push(message as Diagnostics[Name]);
    subscribe(name, hear);
    subscriptions.push(() => unsubscribe(name, hear));
    return messages;
  }
  const subscriptions: (() => void)[] = [];
  afterEach(() => subscriptions.splice(0).forEach((end) => end()));

  it.each(pools)('%s publishes what becomes of jobs and their tasks', async (_, Kind) => {
    const [starts, ends] = [published('forkpool:job:start'), published('forkpool:job:end')];
    const [given, settled] = [published('forkpool:tasks:dispatch'), published('forkpool:tasks:settle')];
    const pool = make(Kind, 1);
    await pool.apply(square, [2]);
    await rejection(pool.map(failOdd, [0, 1, 2], 1));
    const [first = 0, second = 0] = starts.map(({ job }) => job);
    expect(starts).toEqual([
      { job: first, kind: 'apply' },
      { job: second, kind: 'map' },
    ]);
    expect(second).toBe(first + 1);
    expect(ends).toMatchObject([{ job: first }, { job: second, error: { name: 'RangeError' } }]);
    expect(given.map(({ job, index, count }) => [job, index, count])).toEqual([
      [first, 0, 1],
      [second, 0, 1],
      [second, 1, 1],
      [second, 2, 1],
    ]);
    expect(settled.filter(({ error }) => error !== undefined)).toMatchObject([{ job: second, index: 1, count: 1 }]);
    expect(settled.map(({ ms = -1 }) => ms).every((ms) => ms >= 0)).toBe(true);
    expect(settled.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it.each(forked)('%s may be ended by whoever hears that its last worker died', async (_, Kind) => {
    const pool = make(Kind, { processes: 1, stdio: 'ignore' });
    let ended: Promise<void> | undefined;
    const end = (): void => void (ended ??= pool.terminate());
    subscribe('forkpool:worker:exit', end);
    subscriptions.push(() => unsubscribe('forkpool:worker:exit', end));
    expect(await rejection(pool.apply(killSelf, ['SIGKILL']))).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
    await ended;
  });

  it.each(forked)('%s gives no dead worker a call that is made by whoever hears of its death', async (_, Kind) => {
    const pool = make(Kind, { processes: 1, stdio: 'ignore' });
    const given = published('forkpool:tasks:dispatch');
    let call: Promise<number> | undefined;
    const again = (): void => void (call ??= pool.apply(square, [3]));
    subscribe('forkpool:worker:exit', again);
    subscriptions.push(() => unsubscribe('forkpool:worker:exit', again));
    await rejection(pool.apply(killSelf, ['SIGKILL']));
    expect(await call).toBe(9);
    expect(given.map(({ worker }) => worker)).toEqual([1, 2]);
  });

  it.each(walled)('%s runs no task twice when whoever hears that it was given ends another', async (_, Kind) => {
    const pool = make(Kind, 1);
    const given = published('forkpool:tasks:dispatch');
    let controller = new AbortController();
    const abort = (): void => {
      if (given.length === 3) controller.abort(new Error('enough'));
    };

    /** Makes three calls, the second of which is ended when the third is given; whether that was at once. */
    async function allAtOnce(path: string): Promise<boolean> {
      controller = new AbortController();
      // So that all three are short, and go to the worker at once.
      for (const n of range(30)) await pool.apply(log, [file('others'), String(n)], controller);
      given.length = 0;
      subscribe('forkpool:tasks:dispatch', abort);
      const calls = [
        pool.apply(log, [path, 'first']),
        pool.apply(log, [path, 'second'], controller),
        pool.apply(log, [path, 'third']),
      ];
      unsubscribe('forkpool:tasks:dispatch', abort);
      const { aborted } = controller.signal;
      const outcomes = await Promise.allSettled(calls);
      if (aborted) {
        expect(outcomes).toEqual([
          { status: 'fulfilled', value: 'first' },
          { status: 'rejected', reason: new Error('enough') },
          { status: 'fulfilled', value: 'third' },
        ]);
      }
      return aborted;
    }

    // Where the worker was held up in the last of those before, the pool takes it for slow, and gives it one at a time.
    let tries = 1;
    const pathOf = (attempt: number): string => file(`${Kind.name}-${attempt}`);
    while (!(await allAtOnce(pathOf(tries)))) expect(++tries).toBeLessThanOrEqual(100);
    await pool.close();
    const ran = linesOf(pathOf(tries)).map((line) => line.split(' ')[1]);
    expect(ran.filter((name) => name !== 'second')).toEqual(['first', 'third']);
  });

  it.each(pools)('%s publishes which call made a job', async (_, Kind) => {
    const starts = published('forkpool:job:start');
    const pool = make(Kind, 1);
    await Promise.all([pool.applyAsync(square, [1]), pool.mapAsync(square, [1]), pool.starmapAsync(square, [[1]])]);
    await Promise.all([pool.imap(square, [1]).next(), pool.imapUnordered(square, [1]).next()]);
    expect(starts.map(({ kind }) => kind)).toEqual(['apply', 'map', 'starmap', 'imap', 'imapUnordered']);
  });

  it.each(pools)('%s publishes the life of its workers', async (_, Kind) => {
    const [states, exits] = [published('forkpool:worker:state'), published('forkpool:worker:exit')];
    const pool = make(Kind, { processes: 1, maxtasksperchild: 1 });
    await pool.apply(square, [2]);
    await pool.close();
    const first = states.filter(({ worker }) => worker === 1);
    expect(first.map(({ to }) => to)).toEqual(['loaded', 'initialising', 'ready', 'busy', 'ready', 'retiring', 'dead']);
    expect(first.find(({ to }) => to === 'retiring')?.because).toBe('maxtasksperchild');
    const end = { pid: expect.any(Number), exitCode: 0, signal: null, outOfMemory: false, stderr: [] };
    expect(exits).toContainEqual({ worker: 1, end });
  });
});
