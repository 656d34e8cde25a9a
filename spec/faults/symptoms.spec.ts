import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { range, rejection } from '../helpers.js';
import { forked, poolsOf, walled } from '../pools.js';

// Faults that were there, each by what it looked like.

const make = poolsOf();
afterEach(() => {
  jest.restoreAllMocks();
});

function silence(): void {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
}

describe.each(walled)('%s', (_, Kind) => {
  it('does not fail the tiny tasks that ended before one that exits', async () => {
    const exitAt = (x: number): number => {
      if (x === 2500) process.exit(3);
      return x;
    };
    const outcomes = await make(Kind, 2).map(exitAt, range(5000), { settled: true });
    const bad = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
    expect(bad).toEqual([2500]);
    expect(outcomes[2500]).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', exitCode: 3, suspects: 1 } });
  });

  it('is not harmed by a task that sends messages of its own to its master', async () => {
    const chatty = async (x: number): Promise<number> => {
      const { parentPort } = process.getBuiltinModule('node:worker_threads');
      for (const message of ['ready', { type: 'settled', runs: [] }, 17, null]) {
        if (parentPort === null) process.send?.(message);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
        else parentPort.postMessage(message);
      }
      return x;
    };
    expect(await make(Kind, 1).map(chatty, range(10))).toEqual(range(10));
  });

  it('does not leave the next task waiting when an exit handler throws', async () => {
    const pool = make(Kind, 1);
    const thwarted = (): void => {
      process.once('exit', () => {
        throw new RangeError('not yet');
      });
      process.exit(5);
    };
    expect(await rejection(pool.apply(thwarted))).toMatchObject({ name: 'RangeError', message: 'not yet' });
    const late = async (x: number): Promise<number> => {
      await new Promise((resolve) => process.nextTick(resolve));
      return x;
    };
    expect(await pool.apply(late, [1])).toBe(1);
    expect(pool.stats().replaced.died).toBe(1);
  });

  it.each([3, 4, 5, 6, 7, 8])(
    'answers for a result whose getter throws the 2nd time, and again after %d',
    async (n) => {
      const moody = (until: number): object => {
        let reads = 0;
        return {
          get value(): number {
            reads++;
            if (reads === 2 || reads > until) throw new Error(`read ${reads} times`);
            return reads;
          },
        };
      };
      const pool = make(Kind, 1);
      const [outcome] = await pool.map(moody, [n], { settled: true });
      if (outcome?.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ERR_SERIALIZATION' });
      expect(await pool.apply((x: number) => x, [7])).toBe(7);
    },
  );

  it('does not blame for an unhandled rejection a task beside the one that caused it', async () => {
    silence();
    const pool = make(Kind, { processes: 1, concurrency: 3 });
    const task = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (x === 1) void Promise.reject(new Error('forgotten'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      return x;
    };
    const outcomes = await pool.map(task, [0, 1, 2], { settled: true });
    expect(outcomes[1]).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', cause: { message: 'forgotten' } } });
    expect(await pool.map(task, [4, 5])).toEqual([4, 5]);
  });
});

describe.each(forked)('%s', (_, Kind) => {
  it('does not lose what had been answered before a death, though the master was busy and the pipe full', async () => {
    const task = async (x: number): Promise<Buffer> => {
      const { currentTask } = (await import('forkpool')) as typeof import('forkpool');
      if (x === 0) currentTask()?.report('begun');
      if (x === 14) process.kill(process.pid, 'SIGKILL');
      return Buffer.alloc(20_000, x);
    };
    const onReport = (): void => {
      const end = performance.now() + 300;
      while (performance.now() < end);
    };
    const outcomes = await make(Kind, 1).map(task, range(20), {
      settled: true,
      chunksize: 20,
      timeout: 20_000,
      onReport,
    });
    const bad = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
    expect(bad).toEqual([14]);
    expect(outcomes[14]).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', suspects: 1 } });
  });
});
