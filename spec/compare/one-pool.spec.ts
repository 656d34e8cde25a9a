import { describe, expect, it } from '@jest/globals';
import { createHook } from 'node:async_hooks';
import { withPool } from '#lib/compare/one-pool.js';
import { leavesNoChild, rejection } from '../helpers.js';

leavesNoChild();

const one = { pool: 'async', processes: 1, concurrency: 1 } as const;
const never = (): Promise<void> => new Promise(() => {});

/** How many timers a call makes and leaves. Those of others come and go meanwhile: they must not count. */
async function timersLeftBy(call: () => Promise<void>): Promise<number> {
  const left = new Set<number>();
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && left.add(id)),
    destroy: (id) => void left.delete(id),
  }).enable();
  await call();
  // Node tells of ends in a later turn.
  await new Promise(setImmediate);
  hook.disable();
  return left.size;
}

describe('withPool', () => {
  it('rejects with an error of the library when it takes too long', async () => {
    expect(await rejection(withPool(one, { limitMs: 20 }, never))).toMatchObject({
      name: 'PoolError',
      code: 'ERR_COMPARE',
      message: expect.stringMatching(/^It was not done within 20 ms\. A task may take longer, .* raise the time/),
    });
  });

  it('leaves neither a pool nor a timer where its signal cannot be listened to', async () => {
    const deaf = {
      aborted: false,
      throwIfAborted: () => {},
      addEventListener: () => {
        throw new RangeError('deaf');
      },
    };
    const setup = { limitMs: 10_000, signal: deaf as unknown as AbortSignal };
    const forked = { pool: 'process', processes: 1, concurrency: 1 } as const;
    const left = await timersLeftBy(async () => {
      expect(await rejection(withPool(forked, setup, never))).toMatchObject({ message: 'deaf' });
    });
    expect(left).toBe(0);
  });

  it('waits where the limit is longer than a timer can be', async () => {
    const later = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 20, 'done'));
    expect(await withPool(one, { limitMs: 2 ** 31 }, later)).toBe('done');
  });

  it('tells when it began, before the pool was made', async () => {
    let asked = 0;
    const setup = {
      limitMs: 10_000,
      get initializer() {
        asked = performance.now();
        return undefined;
      },
    };
    const opened = await withPool(one, setup, (_, began) => Promise.resolve(began));
    expect(opened).toBeLessThanOrEqual(asked);
  });
});
