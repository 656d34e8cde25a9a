import { describe, expect, it } from '@jest/globals';
import { AsyncLocalStorage } from 'node:async_hooks';
import { AsyncPool, tasksFrom } from 'forkpool';
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
