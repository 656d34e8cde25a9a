import { describe, expect, it } from '@jest/globals';
import { InitializerError, TaskTimeoutError, taskOf, WorkerLostError } from 'forkpool';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cwd,
  dieAtMinusOne,
  doze,
  env,
  execArgv,
  exit,
  exitOrWait,
  exitToStart,
  failToStart,
  farewell,
  greet,
  greeted,
  killSelf,
  logAndSleep,
  meet,
  neverStart,
  pid,
  rememberFarewell,
  spin,
  square,
  throwLater,
  waitForAbort,
  workerId,
} from '../fixtures/tasks.js';
import { isAlive, linesOf, range, rejection, temporaryFiles, until } from '../helpers.js';
import { forked, pools, poolsOf, walled } from '../pools.js';

const make = poolsOf();
const file = temporaryFiles();
const workerOf = workerId as (item: unknown) => number;

describe.each(pools)('%s', (_, Kind) => {
  describe('initializer', () => {
    it('is called with initargs before the first task', async () => {
      const pool = make(Kind, { processes: 2, initializer: greet, initargs: ['hello'] });
      expect(new Set(await pool.map(greeted as (item: number) => string, range(10), 1))).toEqual(new Set(['hello']));
    });

    it('is called once in each worker, replacements too', async () => {
      const path = file(`${Kind.name}-init`);
      const pool = make(Kind, { processes: 1, initializer: greet, initargs: ['hello', path], maxtasksperchild: 2 });
      const ids = new Set(await pool.map(workerOf, range(6)));
      await pool.close();
      expect(ids.size).toBe(3);
      expect(linesOf(path).length).toBeGreaterThanOrEqual(3);
      expect(new Set(linesOf(path)).size).toBe(linesOf(path).length);
    });

    it('that throws breaks the pool: every call rejects with InitializerError and its cause', async () => {
      const pool = make(Kind, { processes: 2, initializer: failToStart, initargs: ['no database'] });
      const early = rejection(pool.apply(square, [1]));
      const error = await rejection(pool.ready());
      expect(error).toBeInstanceOf(InitializerError);
      expect(error).toMatchObject({ code: 'ERR_INITIALIZER', cause: { message: 'no database' } });
      expect(await early).toBe(error);
      expect(await rejection(pool.map(square, [1]))).toBe(error);
      await pool.close();
    });
  });

  it('an initializer that throws a value which cannot be made a string breaks the pool like any other', async () => {
    const initializer = (): void => {
      // oxlint-disable-next-line typescript/only-throw-error -- the subject
      throw { toString: 1, valueOf: 2 };
    };
    const error = await rejection(make(Kind, { processes: 1, initializer }).apply(square, [1]));
    expect(error).toBeInstanceOf(InitializerError);
    expect(error).toMatchObject({ cause: { toString: 1, valueOf: 2 } });
  });

  describe('finalizer', () => {
    it('is called once in each worker that leaves', async () => {
      const path = file(`${Kind.name}-bye`);
      const pool = make(Kind, {
        processes: 2,
        initializer: rememberFarewell,
        initargs: [path],
        finalizer: farewell,
        maxtasksperchild: 3,
      });
      const ids = new Set(await pool.map(workerOf, range(12), 1));
      await pool.close();
      const farewells = linesOf(path).map((line) => Number(line.split(' ')[0]));
      expect(new Set(farewells).size).toBe(farewells.length);
      expect([...ids].every((one) => farewells.includes(one))).toBe(true);
    });
  });

  describe('maxtasksperchild', () => {
    it.each([
      [1, 1],
      [1, 5],
      [3, 1],
      [3, 2],
      [5, 100],
    ])('of %d is exact, in calls, with a chunksize of %d', async (limit, chunksize) => {
      const pool = make(Kind, { processes: 2, maxtasksperchild: limit });
      const ids = await pool.map(workerOf, range(20), chunksize);
      const counts = new Map<number, number>();
      for (const one of ids) counts.set(one, (counts.get(one) ?? 0) + 1);
      expect(Math.max(...counts.values())).toBe(limit);
      expect([...counts.values()].filter((count) => count < limit).length).toBeLessThanOrEqual(2);
      await until('the last worn worker has left', () => pool.stats().workers.retiring === 0);
      expect(pool.stats().replaced.maxtasksperchild).toBe(
        counts.size - [...counts.values()].filter((count) => count < limit).length,
      );
    });

    it('counts tasks that failed', async () => {
      const pool = make(Kind, { processes: 1, maxtasksperchild: 1 });
      const first = await pool.apply(workerId);
      await rejection(pool.apply(failToStart, ['fails']));
      expect(await pool.apply(workerId)).toBe(first + 2);
    });
  });

  describe('stats', () => {
    it('count a stopped task as failed, and do not count a task that was dropped before it began', async () => {
      const pool = make(Kind, { processes: 1, gracePeriod: 20 });
      const trace = file(`counted-${Kind.name}`);
      const controller = new AbortController();
      const { signal } = controller;
      const calls = range(5).map((): [string, number] => [trace, 500]);
      const error = rejection(pool.starmap(logAndSleep, calls, { chunksize: 1, signal }));
      await until('one runs', () => linesOf(trace).length === 1);
      controller.abort();
      expect(await error).toBe(signal.reason);
      await until('it has ended', () => pool.stats().tasks.running === 0);
      expect(pool.stats().tasks).toEqual({ waiting: 0, running: 0, completed: 0, failed: 1 });
    });
  });

  describe('timeout', () => {
    it('rejects on time', async () => {
      const error = await rejection(
        make(Kind, { processes: 1, gracePeriod: 20 }).apply(doze, [60_000], { timeout: 50 }),
      );
      expect(error).toBeInstanceOf(TaskTimeoutError);
    });

    it('keeps the worker of a task that obeys its signal', async () => {
      const pool = make(Kind, 1);
      const before = await pool.apply(workerId);
      expect(await rejection(pool.apply(waitForAbort, [], { timeout: 20 }))).toBeInstanceOf(TaskTimeoutError);
      expect(await pool.apply(workerId)).toBe(before);
    });

    it('counts from the start of the task, not from its submission', async () => {
      const pool = make(Kind, 1);
      const go = file(`${Kind.name}-go`);
      const before = pool.apply(exitOrWait, [go]);
      const call = Promise.allSettled([pool.apply(square, [3], { timeout: 500 })]);
      // Longer than it may take once it has begun.
      await delay(600);
      writeFileSync(go, '');
      expect(await before).toBe('waited');
      expect(await call).toEqual([{ status: 'fulfilled', value: 9 }]);
    });
  });

  describe('signal', () => {
    it('that is aborted already rejects with its reason, and runs nothing', async () => {
      const pool = make(Kind, 1);
      const reason = { any: 'value' };
      expect(await rejection(pool.apply(square, [1], { signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(await rejection(pool.map(square, [1, 2], { signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(await rejection(pool.imap(square, [1, 2], { signal: AbortSignal.abort(reason) }).next())).toBe(reason);
    });

    it('rejects a running task with its reason, which came from no task', async () => {
      const pool = make(Kind, 1);
      const controller = new AbortController();
      const pending = rejection(pool.apply(waitForAbort, [], { signal: controller.signal }));
      await until('it runs', () => pool.stats().tasks.running === 1);
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await pending).toBe(reason);
      expect(taskOf(reason)).toBeUndefined();
    });

    it('lets the task see it and end in time, and keeps the worker', async () => {
      const pool = make(Kind, 1);
      const before = await pool.apply(workerId);
      const controller = new AbortController();
      const pending = rejection(pool.apply(waitForAbort, [], { signal: controller.signal }));
      await until('it runs', () => pool.stats().tasks.running === 1);
      controller.abort('stop');
      expect(await pending).toBe('stop');
      expect(await pool.apply(workerId)).toBe(before);
    });
  });
});

describe.each(walled)('%s', (_, Kind) => {
  describe('initializer', () => {
    it('that exits breaks the pool', async () => {
      const pool = make(Kind, { processes: 1, initializer: exitToStart, initargs: [3] });
      expect(await rejection(pool.apply(square, [1]))).toMatchObject({
        code: 'ERR_INITIALIZER',
        message: expect.stringContaining('code 3'),
      });
    });
  });

  describe('a worker that dies', () => {
    it('of process.exit fails its task with the exit code', async () => {
      const error = await rejection(make(Kind, 1).apply(exit, [7]));
      expect(error).toMatchObject({ code: 'ERR_WORKER_LOST', exitCode: 7, signal: null, suspects: 1 });
    });

    it('of an uncaught error fails its task with that error as the cause', async () => {
      const error = await rejection(make(Kind, { processes: 1, stdio: 'ignore' }).apply(throwLater));
      expect(error).toMatchObject({
        code: 'ERR_WORKER_LOST',
        exitCode: 1,
        cause: { name: 'TypeError', message: 'nobody caught this' },
      });
    });

    it('of an uncaught error has called the listeners of its task, whatever they do', async () => {
      const path = file(`${Kind.name}-listeners`);
      const failing = (to: string): Promise<never> => {
        const { appendFileSync } = process.getBuiltinModule('node:fs');
        process.prependListener('uncaughtException', () => appendFileSync(to, 'first\n'));
        process.on('uncaughtException', ({ message }, origin) => appendFileSync(to, `${message}, ${origin}\n`));
        process.on('uncaughtException', () => {
          throw new Error('of the listener');
        });
        setTimeout(() => {
          throw new Error('of the task');
        });
        return new Promise(() => {});
      };
      const error = await rejection(make(Kind, { processes: 1, stdio: 'ignore' }).apply(failing, [path]));
      expect(error).toMatchObject({ code: 'ERR_WORKER_LOST', exitCode: 1, cause: { message: 'of the task' } });
      expect(linesOf(path)).toEqual(['first', 'of the task, uncaughtException']);
    });

    it('has its task run again as often as retries says, and then fail', async () => {
      const path = file(`${Kind.name}-retries`);
      const suicide = (to: string): never => {
        process.getBuiltinModule('node:fs').appendFileSync(to, 'x\n');
        process.exit(1);
      };
      const error = await rejection(make(Kind, 1).apply(suicide, [path], { retries: 2 }));
      expect(linesOf(path)).toEqual(['x', 'x', 'x']);
      expect(taskOf(error)).toMatchObject({ attempt: 3 });
    });
  });

  describe('timeout', () => {
    it('stops a task that ignores it, and replaces its worker', async () => {
      const pool = make(Kind, { processes: 1, gracePeriod: 50 });
      const before = await pool.apply(workerId);
      const error = await rejection(pool.apply(spin, [60_000], { timeout: 50 }));
      expect(error).toBeInstanceOf(TaskTimeoutError);
      expect(error).toMatchObject({ code: 'ERR_TASK_TIMEOUT', message: expect.stringContaining('50 ms') });
      expect(await pool.apply(workerId)).not.toBe(before);
      expect(pool.stats().replaced.timeout).toBe(1);
    });

    it('harms no other task of the map', async () => {
      const pool = make(Kind, { processes: 2, gracePeriod: 20 });
      const outcomes = await pool.map(spin, [0, 0, 60_000, 0, 0, 0], { timeout: 1000, settled: true });
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
        'fulfilled',
      ]);
    });
  });

  describe('signal', () => {
    it('stops what runs, CPU-bound code too, and drops what waits', async () => {
      const path = file(`${Kind.name}-abort`);
      const pool = make(Kind, { processes: 1, gracePeriod: 20 });
      const controller = new AbortController();
      const { signal } = controller;
      const all = [pool.apply(logAndSleep, [path, 60_000], { signal }), pool.map(spin, [60_000, 1], { signal })].map(
        rejection,
      );
      await until('the first runs', () => linesOf(path).length === 1);
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await Promise.all(all)).toEqual([reason, reason]);
      expect(taskOf(reason)).toBeUndefined();
      expect(await pool.apply(square, [3])).toBe(9);
      expect(linesOf(path)).toHaveLength(1);
    });
  });

  describe('the surroundings of a worker', () => {
    it('are the master’s, extended by env and without what env removes', async () => {
      const pool = make(Kind, { processes: 1, env: { FORKPOOL_ADDED: 'yes', HOME: undefined } });
      expect(await pool.map(env, ['FORKPOOL_ADDED', 'HOME', 'PATH'])).toEqual(['yes', undefined, process.env['PATH']]);
    });

    it('have the flags of execArgv, as they are', async () => {
      expect(await make(Kind, { processes: 1, execArgv: ['--no-warnings'] }).apply(execArgv)).toEqual([
        '--no-warnings',
      ]);
    });
  });

  describe('an idle worker', () => {
    it('beyond minProcesses leaves after idleTimeout, and comes back when tasks wait', async () => {
      const pool = make(Kind, { processes: 3, minProcesses: 1, idleTimeout: 50 });
      await pool.ready();
      expect(pool.stats().workers.ready).toBe(1);
      // None of them ends before three have begun, each in a worker of its own.
      const meeting = (place: string): Promise<string[]> =>
        Promise.all(range(3).map(() => pool.apply(meet, [file(`${Kind.name}-${place}`), 3])));
      expect(await meeting('first')).toEqual(['met', 'met', 'met']);
      await until('two have left', () => pool.stats().workers.ready === 1 && pool.stats().workers.retiring === 0);
      expect(await meeting('second')).toEqual(['met', 'met', 'met']);
    });
  });
});

describe.each(forked)('%s', (_, Kind) => {
  describe('a worker that dies', () => {
    it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const)(
      'of %s fails its task with WorkerLostError, and is replaced',
      async (signal) => {
        const pool = make(Kind, 2);
        const error = (await rejection(pool.apply(killSelf, [signal]))) as WorkerLostError;
        expect(error).toBeInstanceOf(WorkerLostError);
        expect(error).toMatchObject({
          code: 'ERR_WORKER_LOST',
          signal,
          exitCode: null,
          suspects: 1,
          outOfMemory: false,
        });
        expect(taskOf(error)).toEqual({ index: 0, attempt: 1, pid: error.pid });
        expect(await pool.map(square, range(10))).toEqual(range(10).map((x) => x * x));
        expect(pool.stats().replaced.died).toBe(1);
        await until('the pool is whole again', () => pool.stats().workers.ready === 2);
      },
    );

    it('takes nothing with it but its task', async () => {
      const pool = make(Kind, 2);
      const items = range(200).map((item) => (item === 77 ? -1 : item));
      const outcomes = await pool.map(dieAtMinusOne, items, { settled: true, chunksize: 1 });
      expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual(
        range(200).map((item) => item !== 77 && item),
      );
      expect(outcomes[77]).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', suspects: 1, signal: 'SIGKILL' } });
    });

    it('among tiny tasks that travel together takes at most 256 with it', async () => {
      const pool = make(Kind, 2);
      const items = range(5000).map((item) => (item === 2500 ? -1 : item));
      const outcomes = await pool.map(dieAtMinusOne, items, { settled: true });
      const lost = outcomes.filter(({ status }) => status === 'rejected');
      expect(lost.length).toBeLessThanOrEqual(256);
      for (const outcome of lost)
        expect(outcome).toMatchObject({ reason: { code: 'ERR_WORKER_LOST', suspects: lost.length } });
      expect(outcomes[2500]?.status).toBe('rejected');
    });

    it('while idle fails nothing', async () => {
      const pool = make(Kind, 2);
      const victim = await pool.apply(pid);
      process.kill(victim, 'SIGKILL');
      expect(await pool.map(square, range(50))).toEqual(range(50).map((x) => x * x));
      await until('it is replaced', () => pool.stats().replaced.died === 1);
    });
  });

  describe('timeout', () => {
    it('leaves no process of a task that ignores it', async () => {
      const pool = make(Kind, { processes: 1, gracePeriod: 20 });
      const before = await pool.apply(pid);
      await rejection(pool.apply(spin, [60_000], { timeout: 50 }));
      await pool.apply(pid);
      expect(isAlive(before)).toBe(false);
    });
  });

  describe('the surroundings of a worker', () => {
    it('have the working directory of cwd', async () => {
      const folder = file('.');
      expect(await make(Kind, { processes: 1, cwd: folder }).apply(cwd)).toBe(folder);
    });
  });
});

// It takes three starts, each as long as a busy machine needs to come as far as the initializer: all pools at once.
it('an initializer that is not done within startTimeout breaks a pool of any kind', async () => {
  const failures = pools.map(async ([, Kind]) => {
    const pool = make(Kind, { processes: 1, initializer: neverStart, startTimeout: 3000 });
    return rejection(pool.ready());
  });
  for (const failure of await Promise.all(failures)) {
    expect(failure).toMatchObject({
      code: 'ERR_INITIALIZER',
      message: expect.stringContaining('`startTimeout` (3000 ms)'),
    });
  }
}, 60_000);
