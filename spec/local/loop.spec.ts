import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { AsyncPool, PoolTerminatedError, tasksFrom } from 'forkpool';
import { collect, range, rejection, until } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();
const storage = new AsyncLocalStorage<string>();
const later = (): Promise<void> => new Promise(setImmediate);
const whose = async (): Promise<unknown> => {
  await later();
  return storage.getStore();
};

describe('a task of an AsyncPool', () => {
  it('runs in the async context of its call, whichever it waited for', async () => {
    const pool = make(AsyncPool, 1);
    const calls = ['a', 'b', 'c'].map((name) =>
      storage.run(name, () => [pool.apply(whose), pool.apply(() => storage.getStore()), pool.map(whose, range(2))]),
    );
    expect(await Promise.all(calls.flat())).toEqual(['a', 'b', 'c'].flatMap((name) => [name, name, [name, name]]));
    expect(await collect(storage.run('d', () => pool.imap(whose, range(2))))).toEqual(['d', 'd']);
  });

  it('knows itself there', async () => {
    const pool = make(AsyncPool, 2);
    const { currentTask, currentWorker } = await import('forkpool');
    const self = async (): Promise<unknown> => {
      await later();
      return [currentTask()?.index, currentWorker()?.kind, storage.getStore()];
    };
    expect(await storage.run('a', () => pool.map(self, range(2)))).toEqual([
      [0, 'async', 'a'],
      [1, 'async', 'a'],
    ]);
  });

  it.each(['terminate', 'close and terminate'])(
    'is told by its signal at %s, so that the program can end',
    async (leaving) => {
      const pool = make(AsyncPool, 2);
      const { currentTask } = await import('forkpool');
      const stopped: unknown[] = [];
      let begun = 0;
      const wait = async (): Promise<void> => {
        const signal = currentTask()?.signal;
        begun++;
        await delay(60_000, undefined, { signal }).catch(() => stopped.push(signal?.reason));
      };
      const pending = range(2).map(() => rejection(pool.apply(wait)));
      await until('they run', () => begun === 2);
      if (leaving !== 'terminate') void pool.close();
      await pool.terminate();
      expect(stopped).toEqual([expect.any(PoolTerminatedError), expect.any(PoolTerminatedError)]);
      expect(await Promise.all(pending)).toEqual(stopped);
    },
  );

  it('sees that the pool was terminated when it looks at its signal after that', async () => {
    const pool = make(AsyncPool, 1);
    const { currentTask } = await import('forkpool');
    let look: (() => void) | undefined;
    const looked = new Promise<unknown>((resolve) => {
      const task = async (): Promise<void> => {
        await new Promise<void>((go) => (look = go));
        resolve(currentTask()?.signal.reason);
      };
      void rejection(pool.apply(task));
    });
    // It is counted as running from when it is given: then it may yet be kept from beginning.
    await until('it has begun', () => look !== undefined);
    await pool.terminate();
    look?.();
    expect(await looked).toBeInstanceOf(PoolTerminatedError);
  });

  it('does not begin after terminate, though it had been given', async () => {
    const gates = globalThis as { openGate?: () => void; begun?: boolean };
    const text =
      'await new Promise((resolve) => (globalThis.openGate = resolve)); export const f = () => (globalThis.begun = true);';
    const tasks = tasksFrom<{ f: () => void }>(`data:text/javascript,${encodeURIComponent(text)}`);
    const pool = make(AsyncPool, 1);
    const given = rejection(pool.apply(tasks.f));
    await until('its module is being imported', () => gates.openGate !== undefined);
    await pool.terminate();
    gates.openGate?.();
    await given;
    for (let turns = 0; turns < 20; turns++) await later();
    expect(gates.begun).toBeUndefined();
  });
});
