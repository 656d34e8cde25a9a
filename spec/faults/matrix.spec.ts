import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Pool, type PoolOptions, tasksFrom, ThreadPool, WorkerLostError } from 'forkpool';
import {
  afterAnswer,
  dieAtLast,
  dieOften,
  duringAsync,
  duringSync,
  rememberWay,
  whileEncoding,
  whileWriting,
} from '../fixtures/deaths.js';
import { program, run } from '../fixtures/run-program.js';
import { shortly } from '../fixtures/short-tasks.js';
import { square } from '../fixtures/tasks.js';
import { isAlive, range, rejection, temporaryFiles, until } from '../helpers.js';
import { poolsOf } from '../pools.js';

/**
 * Every moment of a worker's life × every way to end it × the pools whose workers can end. Each cell has tasks before,
 * beside and after the death, and says who must fail and of what, that all others have their results, and that the pool
 * is whole again.
 */
const make = poolsOf();
const file = temporaryFiles();

/** What the error of a task that dies so must say. */
interface End {
  readonly exitCode: number | null;
  readonly signal?: string | null;
  readonly outOfMemory?: boolean;
  readonly cause?: unknown;
}

interface Way {
  readonly way: string;
  readonly end: End;
}

const uncaught = { exitCode: 1, cause: { name: 'RangeError', message: 'nobody caught this' } };
const common: Way[] = [
  { way: 'process.exit', end: { exitCode: 3 } },
  { way: 'process.exit in an exit handler', end: { exitCode: 9 } },
  { way: 'process.reallyExit', end: { exitCode: 4 } },
  { way: 'an uncaught exception', end: uncaught },
  { way: 'an unhandled rejection', end: uncaught },
];
const ofProcesses: Way[] = [
  { way: 'SIGKILL', end: { exitCode: null, signal: 'SIGKILL' } },
  { way: 'SIGTERM', end: { exitCode: null, signal: 'SIGTERM' } },
  { way: 'SIGSEGV', end: { exitCode: null, signal: 'SIGSEGV' } },
  { way: 'process.abort', end: { exitCode: null, signal: 'SIGABRT' } },
  { way: 'out of memory', end: { exitCode: null, signal: 'SIGABRT', outOfMemory: true } },
  { way: 'process.disconnect', end: { exitCode: 0 } },
  ...common,
];
const ofThreads: Way[] = [{ way: 'out of memory', end: { exitCode: 1, outOfMemory: true } }, ...common];

/** Code that does not give way cannot have a turn in which something is thrown that nobody catches. */
const needsATurn = new Set(['an uncaught exception', 'an unhandled rejection']);
/** These pass through JavaScript, which says where. */
const NAMED = new Set(['process.exit', 'process.exit in an exit handler', ...needsATurn]);
/** Three starts and their pauses take their time: these stand for all. */
const ALWAYS = new Set(['SIGKILL', 'process.exit', 'out of memory', 'an uncaught exception']);
const atOnce = (ways: readonly Way[]): Way[] => ways.filter(({ way }) => !needsATurn.has(way));

/** A heap that is soon full, and errors of children that this run need not see. */
const kinds = [
  { name: 'Pool', Kind: Pool, ways: ofProcesses, small: { execArgv: ['--max-old-space-size=32'] } },
  { name: 'ThreadPool', Kind: ThreadPool, ways: ofThreads, small: { resourceLimits: { maxOldGenerationSizeMb: 32 } } },
];

let output: jest.Spied<typeof process.stderr.write>;
beforeAll(() => {
  output = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => output.mockRestore());

/** The error of a task that has died so: it alone is to blame. */
const lost = ({ exitCode, signal = null, outOfMemory = false, cause }: End): object => ({
  name: 'WorkerLostError',
  code: 'ERR_WORKER_LOST',
  exitCode,
  signal,
  outOfMemory,
  suspects: 1,
  ...(cause === undefined ? {} : { cause: expect.objectContaining(cause as object) }),
});

const ITEMS = 16;
const AT = 7;

interface Dying {
  readonly triple: (x: number) => number;
}

type Task = (item: number | string) => unknown;

const lengthOf = (item: unknown): number => (Array.isArray(item) ? item.length : 0);

/** A map in whose middle somebody dies. */
async function mapWith(pool: Pool, task: Task, way: string): Promise<PromiseSettledResult<unknown>[]> {
  const items = range(ITEMS).map((item) => (item === AT ? way : item));
  return pool.map(task, items, { settled: true, chunksize: 1 });
}

function expectOthersRight(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const others = range(ITEMS).filter((item) => item !== AT);
  expect(others.map((item) => outcomes[item])).toEqual(
    others.map((item) => ({ status: 'fulfilled', value: item * item })),
  );
}

async function expectWhole(pool: Pool): Promise<void> {
  expect(await pool.map(square, range(10))).toEqual(range(10).map((x) => x * x));
  await until('the pool is whole again', () => {
    const { ready, starting, retiring } = pool.stats().workers;
    return ready === pool.processes && starting === 0 && retiring === 0;
  });
}

describe.each(kinds)('$name', ({ Kind, ways, small }) => {
  /** Deaths leave nothing behind but their count, so one pool serves all cells of a moment. */
  function shared(options: PoolOptions = {}): () => Pool {
    let pool: Pool | undefined;
    beforeAll(() => void (pool = new Kind({ processes: 2, ...small, ...options })));
    afterAll(() => pool?.terminate());
    return () => pool as Pool;
  }

  async function withPool(options: PoolOptions, use: (pool: Pool) => Promise<void>): Promise<void> {
    const pool = new Kind({ processes: 2, ...small, ...options });
    try {
      await use(pool);
    } finally {
      await pool.terminate();
    }
  }

  describe.each([
    ['in synchronous code of a task', duringSync, atOnce(ways)],
    ['in a task that waits', duringAsync, ways],
    ['while the result is encoded', whileEncoding, atOnce(ways)],
  ] as [string, Task, Way[]][])('a worker that dies %s', (_moment, task, its) => {
    const pool = shared();

    it.each(its)('by $way fails its task with how it ended, and no other', async ({ way, end }) => {
      const { died } = pool().stats().replaced;
      const beside = pool().map(square, range(50));
      const outcomes = await mapWith(pool(), task, way);
      expectOthersRight(outcomes);
      expect(outcomes[AT]).toMatchObject({ status: 'rejected', reason: lost(end) });
      expect((outcomes[AT] as PromiseRejectedResult).reason).toBeInstanceOf(WorkerLostError);
      expect(await beside).toEqual(range(50).map((x) => x * x));
      await expectWhole(pool());
      expect(pool().stats().replaced).toMatchObject({ died: died + 1, startFailed: 0, timeout: 0, aborted: 0 });
    });
  });

  describe('a worker that dies in one of many short tasks, which are answered together', () => {
    const pool = shared();

    it.each(atOnce(ways))('by $way fails that one, and no other', async ({ way, end }) => {
      // It knows by these that they are short.
      await pool().map(shortly, range(400), { chunksize: 100 });
      const items = range(200).map((item) => (item === 150 ? way : item));
      const outcomes = await pool().map(shortly, items, { settled: true, chunksize: 100 });
      const [dead] = outcomes.splice(150, 1);
      expect(dead).toEqual({ status: 'rejected', reason: expect.objectContaining(lost(end)) });
      expect(outcomes).toEqual(
        range(200).flatMap((item) => (item === 150 ? [] : [{ status: 'fulfilled', value: item * item }])),
      );
      await expectWhole(pool());
    });
  });

  describe('a worker that dies while it imports the module of a task', () => {
    const pool = shared();
    const moduleThat = (way: string, count: number): Dying => {
      const query = new URLSearchParams({ way, lives: file(`${Kind.name}-import-${way}-${count}`), count: `${count}` });
      return tasksFrom<Dying>(new URL(`../fixtures/dies-when-imported.js?${query}`, import.meta.url));
    };

    it.each(ways.filter(({ way }) => NAMED.has(way)))(
      'by $way, which passes through JavaScript, fails the task that it was imported for, and no other',
      async ({ way, end }) => {
        const { died } = pool().stats().replaced;
        const beside = pool().map(square, range(50));
        const outcomes = await pool().map(moduleThat(way, 1).triple, range(ITEMS), { settled: true, chunksize: ITEMS });
        const reasons = outcomes.flatMap((outcome) =>
          outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
        );
        expect(reasons).toEqual([expect.objectContaining(lost(end))]);
        expect(await beside).toEqual(range(50).map((x) => x * x));
        await expectWhole(pool());
        expect(pool().stats().replaced).toMatchObject({ died: died + 1, startFailed: 0 });
      },
    );

    it.each(ways.filter(({ way }) => !NAMED.has(way)))(
      'by $way fails nothing, as nothing had begun, save what it happens to three times',
      async ({ way, end }) => {
        const { died } = pool().stats().replaced;
        const beside = pool().map(square, range(50));
        expect(await pool().map(moduleThat(way, 2).triple, range(ITEMS))).toEqual(range(ITEMS).map((x) => 3 * x));
        expect(await rejection(pool().apply(moduleThat(way, 3).triple, [1]))).toMatchObject(lost(end));
        expect(await pool().apply(moduleThat(way, 3).triple, [14])).toBe(42);
        expect(await beside).toEqual(range(50).map((x) => x * x));
        await expectWhole(pool());
        expect(pool().stats().replaced).toMatchObject({ died: died + 5, startFailed: 0 });
      },
    );

    it.each(ways.filter(({ way }) => ALWAYS.has(way)))('by $way counts as an attempt', async ({ way }) => {
      expect(await pool().apply(moduleThat(way, 1).triple, [14], { retries: 1 })).toBe(42);
    });
  });

  describe('a worker that dies of reading its tasks', () => {
    it('fails the one that is to blame, when it has been tried alone', async () => {
      await withPool({}, async (pool) => {
        // The master has the room that a worker lacks.
        const large = Array.from({ length: 8e5 }, (_, at) => ({ at }));
        const calls = [1, large, 2].map((item) => pool.apply(lengthOf, [item]).catch((error: unknown) => error));
        const outcomes = await Promise.all(calls);
        const blamed = expect.objectContaining({ code: 'ERR_WORKER_LOST', suspects: 1, outOfMemory: true });
        expect(outcomes).toEqual([0, blamed, 0]);
        await expectWhole(pool);
      });
    });
  });

  describe('a worker that dies idle', () => {
    const pool = shared();

    it.each(ways)('by $way fails nothing, and is replaced', async ({ way }) => {
      const { died } = pool().stats().replaced;
      expect(await pool().apply(afterAnswer, [way])).toEqual(expect.any(Number));
      await until('it has died', () => pool().stats().replaced.died === died + 1);
      await expectWhole(pool());
    });
  });

  describe('a worker that dies between tasks', () => {
    const pool = shared();

    it.each(ways)('by $way, of a task that has answered, fails at most what runs then', async ({ way }) => {
      const { died } = pool().stats().replaced;
      const outcomes = await mapWith(pool(), afterAnswer as Task, way);
      expect(outcomes[AT]?.status).toBe('fulfilled');
      const bad = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [{ index, outcome }] : []));
      // An error that nobody caught is known to be of the task that has answered: then nobody is blamed.
      expect(bad.length).toBeLessThanOrEqual(needsATurn.has(way) ? 0 : 1);
      for (const { outcome, index } of bad) {
        expect(index).toBeGreaterThan(AT);
        expect(outcome.reason).toMatchObject({ code: 'ERR_WORKER_LOST', suspects: 1 });
      }
      await until('it has died', () => pool().stats().replaced.died === died + 1);
      await expectWhole(pool());
    });
  });

  describe('a worker that dies with half of its result on the way', () => {
    const pool = shared();
    const ofTimers = ways.filter(({ way }) => way !== 'out of memory');

    it.each(ofTimers)('by $way loses that one, or nothing: never a part of it', async ({ way }) => {
      const { died } = pool().stats().replaced;
      const before = pool().map(square, range(20));
      // While this thread is busy it reads nothing: the pipe is full when the child dies.
      const onReport = (): void => {
        const end = performance.now() + 120;
        while (performance.now() < end);
      };
      const answer = await pool()
        .apply(whileWriting as (item: string) => Promise<Buffer>, [way], { onReport })
        .then((value) => ({ bytes: value.byteLength, ones: value.every((byte) => byte === 1) }))
        .catch((error: unknown) => error);
      if (answer instanceof Error) expect(answer).toMatchObject({ code: 'ERR_WORKER_LOST', suspects: 1 });
      else expect(answer).toEqual({ bytes: 32 << 20, ones: true });
      expect(await before).toEqual(range(20).map((x) => x * x));
      await until('it has died', () => pool().stats().replaced.died === died + 1);
      await expectWhole(pool());
    });
  });

  describe('a worker that dies in its finalizer', () => {
    const pool = shared({ processes: 1, finalizer: dieAtLast, maxtasksperchild: 3, gracePeriod: 300 });

    it.each(ways)('by $way fails nothing: it had done its work', async ({ way }) => {
      const { maxtasksperchild } = pool().stats().replaced;
      // The last of its life, and one for the next.
      const before = [pool().apply(rememberWay, [way]), pool().map(square, [1, 2, 3], 1)];
      expect(await Promise.all(before)).toEqual([undefined, [1, 4, 9]]);
      await until('the worn one has gone', () => pool().stats().replaced.maxtasksperchild > maxtasksperchild);
      // Two more, so that the next cell begins with a fresh worker; it forgets how to die, and leaves in peace.
      expect(await pool().map(square, [4, 5], 1)).toEqual([16, 25]);
      await until('that one has gone too', () => pool().stats().replaced.maxtasksperchild > maxtasksperchild + 1);
      expect(pool().stats().replaced).toMatchObject({ died: 0, startFailed: 0 });
    });

    it.each(ways.slice(0, 2))('by $way while its pool closes keeps nobody waiting', async ({ way }) => {
      await withPool({ initializer: rememberWay, initargs: [way], finalizer: dieAtLast }, async (closing) => {
        const last = closing.map(square, range(ITEMS));
        await closing.close();
        expect(await last).toEqual(range(ITEMS).map((x) => x * x));
        expect(closing.stats().workers).toEqual({ starting: 0, ready: 0, busy: 0, retiring: 0 });
      });
    });
  });

  describe('a worker that dies in its initializer', () => {
    const lives = (way: string): string => file(`${Kind.name}-init-${way}`);

    it.each(ways)('by $way is started again, and no task is lost', async ({ way }) => {
      await withPool({ processes: 1, initializer: dieOften, initargs: [way, lives(way), 1] }, async (pool) => {
        expect(await pool.map(square, range(ITEMS), 1)).toEqual(range(ITEMS).map((x) => x * x));
        await expectWhole(pool);
        expect(pool.stats().replaced).toMatchObject({ died: 0, startFailed: 1 });
      });
    });

    const some = ways.filter(({ way }) => ALWAYS.has(way));

    it.each(some)('by $way time and again breaks the pool, with InitializerError', async ({ way, end }) => {
      await withPool({ initializer: dieOften, initargs: [way, lives(`${way}-always`), 100] }, async (pool) => {
        const pending = rejection(pool.map(square, range(ITEMS)));
        const error = await rejection(pool.ready());
        expect(error).toMatchObject({ name: 'InitializerError', code: 'ERR_INITIALIZER' });
        if (end.cause !== undefined) expect(error).toMatchObject({ cause: end.cause });
        if (end.outOfMemory === true) expect(String(error)).toContain('ran out of memory');
        else if (typeof end.signal === 'string') expect(String(error)).toContain(end.signal);
        expect(await pending).toBe(error);
        expect(await rejection(pool.apply(square, [1]))).toBe(error);
        // The first two start together, and may fail together; then one after the other.
        expect(pool.stats().replaced.died).toBe(0);
        expect([3, 4]).toContain(pool.stats().replaced.startFailed);
      });
    });
  });

  describe('a worker that dies while it starts', () => {
    const preload = new URL('../fixtures/dies-at-load.js', import.meta.url).href;
    const starting = (way: string, count: number): PoolOptions => ({
      execArgv: [...('execArgv' in small ? small.execArgv : []), '--import', preload],
      env: { FORKPOOL_SPEC_DEATH: [way, file(`${Kind.name}-start-${way}-${count}`), count].join('|') },
    });

    it.each(ways)('by $way is started again, and no task is lost', async ({ way }) => {
      await withPool(starting(way, 1), async (pool) => {
        expect(await pool.map(square, range(ITEMS), 1)).toEqual(range(ITEMS).map((x) => x * x));
        await expectWhole(pool);
        expect(pool.stats().replaced).toMatchObject({ died: 0, startFailed: 1 });
      });
    });

    it.each(ways.slice(0, 2))('by $way time and again breaks the pool, with WorkerStartError', async ({ way }) => {
      await withPool(starting(way, 100), async (pool) => {
        const error = await rejection(pool.apply(square, [1]));
        expect(error).toMatchObject({ name: 'WorkerStartError', code: 'ERR_WORKER_START' });
        expect(await rejection(pool.map(square, [1]))).toBe(error);
        expect(await rejection(pool.ready())).toBe(error);
        expect([3, 4]).toContain(pool.stats().replaced.startFailed);
      });
    });
  });
});

describe('ThreadPool', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'])('shares its program’s death by %s', async (way) => {
    const { signal, stdout } = await run([program('thread-dies.js'), way]);
    expect([signal, stdout]).toEqual([way, '[ 1, 4 ]\n']);
  });

  it('has no process.abort: the task throws, and its worker lives', async () => {
    const pool = make(ThreadPool, 1);
    const error = await rejection(pool.apply(duringAsync, ['process.abort']));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_WORKER_UNSUPPORTED_OPERATION' });
    expect(pool.stats().replaced.died).toBe(0);
  });
});

describe('Pool', () => {
  it('leaves no process of any worker that has died', async () => {
    const pids = await make(Pool, 2).map(afterAnswer as Task, ['SIGKILL', 'SIGTERM', 'process.exit'], 1);
    await until('all are gone', () => pids.every((pid) => !isAlive(pid as number)));
  });
});
