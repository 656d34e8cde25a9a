import { describe, expect, it } from '@jest/globals';
import { rejection } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

const make = poolsOf();

describe.each(walled)('a worker of a %s', (_, Kind) => {
  it.each(['throws', 'does nothing'])(
    'whose task leaves a process.exit that %s leaves at once all the same',
    async (how) => {
      const pool = make(Kind, { processes: 1, gracePeriod: 60_000 });
      const replace = (what: string): void => {
        process.exit = () => {
          if (what === 'throws') throw new Error('process.exit was called');
          return undefined as never;
        };
      };
      await pool.apply(replace, [how]);
      await pool.close();
    },
  );

  it('ends when an exit handler throws, though its timers are fakes', async () => {
    const pool = make(Kind, 1);
    const thwarted = (): void => {
      const fake = (() => {}) as unknown as typeof setImmediate;
      Object.assign(process.getBuiltinModule('node:timers'), { setImmediate: fake });
      globalThis.setImmediate = fake;
      process.once('exit', () => {
        throw new RangeError('not yet');
      });
      process.exit(5);
    };
    expect(await rejection(pool.apply(thwarted))).toMatchObject({ message: 'not yet' });
    const late = async (x: number): Promise<number> => {
      await new Promise((resolve) => process.nextTick(resolve));
      return x;
    };
    expect(await pool.apply(late, [1])).toBe(1);
    expect(pool.stats().replaced.died).toBe(1);
  });
});
