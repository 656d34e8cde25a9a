import { afterEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channels, publish, type Diagnostics } from '#lib/diagnostics.js';
import { failOdd, square } from './fixtures/tasks.js';
import { rejection } from './helpers.js';
import { pools, poolsOf } from './pools.js';

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
    expect(settled.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it.each(pools)('%s publishes the life of its workers', async (_, Kind) => {
    const [states, exits] = [published('forkpool:worker:state'), published('forkpool:worker:exit')];
    const pool = make(Kind, { processes: 1, maxtasksperchild: 1 });
    await pool.apply(square, [2]);
    await pool.close();
    const first = states.filter(({ worker }) => worker === 1);
    expect(first.map(({ to }) => to)).toEqual(['loaded', 'initialising', 'ready', 'busy', 'ready', 'retiring', 'dead']);
    expect(first.find(({ to }) => to === 'retiring')?.because).toBe('maxtasksperchild');
    expect(exits).toContainEqual({ worker: 1, end: expect.objectContaining({ pid: expect.any(Number), exitCode: 0 }) });
  });
});
