import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { slow } from '../fixtures/modules/slow.js';
import { square } from '../fixtures/tasks.js';
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
      for (const message of ['ready', { type: 'settled', runs: [] }, 17, null, Buffer.from([255, 15])]) {
        if (parentPort === null) process.send?.(message);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
        else parentPort.postMessage(message);
      }
      return x;
    };
    expect(await make(Kind, 1).map(chatty, range(10))).toEqual(range(10));
  });

  it.each(['removes all listeners of its messages', 'takes away what sends messages'])(
    'goes on when a task %s',
    async (what) => {
      const pool = make(Kind, 1);
      const deafen = (how: string): void => {
        const { parentPort } = process.getBuiltinModule('node:worker_threads');
        if (how.startsWith('takes')) Object.assign(process, { send: undefined });
        process.removeAllListeners('message');
        parentPort?.removeAllListeners('message');
      };
      await pool.apply(deafen, [what]);
      expect(await pool.map(square, range(5))).toEqual([0, 1, 4, 9, 16]);
    },
  );

  describe('a value that cannot even be looked at', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = [];
      for (let n = 0; n < levels; n++) value = [value];
      return value;
    };
    const hostile = (trap: string): unknown =>
      new Proxy(
        {},
        {
          [trap]() {
            throw new Error('trapped');
          },
        },
      );
    const revoked = (): unknown => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    };
    // The types of Node alone do not have it.
    const { Module } = (globalThis as unknown as { WebAssembly: { Module: new (code: Uint8Array) => object } })
      .WebAssembly;
    const values: [string, () => unknown][] = [
      ['nested too deeply', () => nested(20_000)],
      ['at the limit of the stack', () => nested(3500)],
      ['a revoked Proxy', revoked],
      ['a Proxy whose prototype throws', () => hostile('getPrototypeOf')],
      ['a Proxy whose keys throw', () => hostile('ownKeys')],
      ['WebAssembly', () => new Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))],
    ];
    const refused = expect.objectContaining({ code: 'ERR_SERIALIZATION' });

    it.each(values)('costs its own task as an argument: %s', async (_title, value) => {
      const pool = make(Kind, 1);
      const echo = (x: unknown): unknown => x;
      expect(await rejection(pool.apply(echo, [value()]))).toEqual(refused);
      expect(await rejection(pool.apply(echo, [{ deep: value() }]))).toEqual(refused);
      const [first, second, third] = await pool.map(echo, [1, value(), 3], { settled: true });
      expect([first, second, third]).toMatchObject([{ value: 1 }, { reason: refused }, { value: 3 }]);
      expect(await pool.apply(square, [2])).toBe(4);
    });

    it.each([3500, 20_000])('costs its own task as a result, and as what is thrown: %d levels', async (levels) => {
      const pool = make(Kind, 1);
      const dig = (n: number, mustThrow: boolean): unknown => {
        let value: unknown = [];
        for (let level = 0; level < n; level++) value = [value];
        if (mustThrow) throw value;
        return value;
      };
      expect(await rejection(pool.apply(dig, [levels, false]))).toEqual(refused);
      expect(await rejection(pool.apply(dig, [levels, true]))).toEqual(refused);
      expect(await pool.apply(square, [2])).toBe(4);
    });

    it('is told of as one of initargs', async () => {
      const pool = make(Kind, { processes: 1, initializer: (value: unknown) => value, initargs: [nested(20_000)] });
      expect(await rejection(pool.ready())).toMatchObject({ code: 'ERR_SERIALIZATION', direction: 'initargs' });
    });
  });

  it('blames a task that exits while its error is looked at, and gives no value for it', async () => {
    const throwTrap = (x: number): number => {
      if (x < 3) return x;
      throw Object.defineProperty(new Error('trap'), 'code', { enumerable: true, get: () => process.exit(4) });
    };
    const results = await make(Kind, 1).map(throwTrap, range(5), { settled: true });
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(results[3]).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', exitCode: 4, suspects: 1 } });
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

  it('does not leave tasks waiting for workers whose initializer forgets a promise that is rejected at once', async () => {
    silence();
    const initializer = (): void => {
      void Promise.reject(new Error('no database'));
    };
    const pool = make(Kind, { processes: 2, initializer });
    const failed = { code: 'ERR_INITIALIZER', cause: { message: 'no database' } };
    expect(await rejection(pool.map(square, [1, 2, 3]))).toMatchObject(failed);
    expect(await rejection(pool.ready())).toMatchObject(failed);
    await pool.close();
    expect(pool.stats().replaced.startFailed).toBeLessThanOrEqual(6);
  });

  it('does not leave them waiting where it leaves behind what fails before any can begin', async () => {
    silence();
    const initializer = (): void => {
      setTimeout(() => {
        throw new Error('refused');
      }, 20);
    };
    const pool = make(Kind, { processes: 1, initializer });
    const results = await pool.map(slow, [1, 2, 3], { settled: true }).catch((error: unknown) => error);
    expect(results).toMatchObject({ code: 'ERR_INITIALIZER', cause: { message: 'refused' } });
    await pool.close();
    expect(pool.stats().replaced.startFailed).toBeLessThanOrEqual(6);
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
  it('ends a child whose task has closed its channel, and whatever would have ended it', async () => {
    const pool = make(Kind, 1);
    const hide = async (): Promise<void> => {
      process.removeAllListeners('disconnect');
      process.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    };
    expect(await rejection(pool.apply(hide))).toMatchObject({ code: 'ERR_WORKER_LOST', signal: 'SIGKILL' });
    expect(await pool.apply(square, [3])).toBe(9);
  });

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
