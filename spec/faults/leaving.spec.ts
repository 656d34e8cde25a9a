import { describe, expect, it } from '@jest/globals';
import { Pool, PoolError, TimeoutError } from 'forkpool';
import { failToStart, pid, report, sleep, spin, square } from '../fixtures/tasks.js';
import { isAlive, range, rejection, until } from '../helpers.js';
import { forked, poolsOf, walled } from '../pools.js';

const make = poolsOf();

/** A pool in some state, and what is pending then. */
interface Situation {
  readonly pool: Pool;
  readonly pending: readonly PromiseLike<unknown>[];
}

const everything = (pool: Pool): Promise<unknown> =>
  Promise.all([pool.terminate(), pool.close(), pool[Symbol.asyncDispose](), pool.join(20_000)]);

const NO_WORKERS = { starting: 0, ready: 0, busy: 0, retiring: 0 };

/** Ways to leave; each resolves when it is done. */
const leaves: [string, (pool: Pool) => Promise<unknown>][] = [
  ['close', (pool) => pool.close()],
  ['terminate', (pool) => pool.terminate()],
  ['dispose', (pool) => pool[Symbol.asyncDispose]()],
  ['close, overtaken by terminate', (pool) => Promise.all([pool.close(), pool.terminate(), pool.join()])],
  ['everything twice', (pool) => Promise.all([everything(pool), everything(pool)])],
];

describe.each(walled)('%s', (_, Kind) => {
  const work = (pool: Pool): PromiseLike<unknown>[] => [
    pool.apply(sleep, [20, 'done']),
    pool.map(square, range(40), 3),
    pool.applyAsync(square, [3]),
    pool.imap(square, range(5)).next(),
  ];

  const situations: [string, () => Promise<Situation>][] = [
    ['right after its constructor', async () => ({ pool: make(Kind, 1), pending: [] })],
    ['while it starts, with tasks waiting', async () => having(make(Kind, 1), work)],
    ['idle', async () => ready(make(Kind, 1))],
    ['with running and waiting tasks', async () => having((await ready(make(Kind, 2))).pool, work)],
    [
      'while it closes',
      async () => {
        const situation = having((await ready(make(Kind, 1))).pool, work);
        void situation.pool.close();
        return situation;
      },
    ],
    [
      'while it terminates',
      async () => {
        const situation = having((await ready(make(Kind, 1))).pool, work);
        void situation.pool.terminate();
        return situation;
      },
    ],
    [
      'closed',
      async () => {
        const pool = make(Kind, 1);
        await pool.close();
        return { pool, pending: [] };
      },
    ],
    [
      'terminated',
      async () => {
        const pool = make(Kind, 1);
        await pool.terminate();
        return { pool, pending: [] };
      },
    ],
    [
      'broken',
      async () => {
        const situation = having(make(Kind, { processes: 1, initializer: failToStart, initargs: ['never'] }), work);
        await rejection(situation.pool.ready());
        return situation;
      },
    ],
    [
      'between two failed starts',
      async () => {
        const situation = having(make(Kind, { processes: 1, initializer: failToStart, initargs: ['never'] }), work);
        await until('one has failed', () => situation.pool.stats().replaced.startFailed > 0);
        return situation;
      },
    ],
    [
      'with a dead worker',
      async () => {
        const { pool } = await ready(make(Kind, 1));
        void rejection(pool.apply(() => process.exit(1)));
        return having(pool, work);
      },
    ],
  ];

  // All ways at the same time, each with a pool of its own.
  it.each(situations)('%s: it settles what is pending and leaves nothing, in whatever way', async (_state, arrive) => {
    const facts = await Promise.all(leaves.map(async ([name, leave]) => [name, await factsOf(await arrive(), leave)]));
    expect(facts).toEqual(leaves.map(([name]) => [name, { workers: NO_WORKERS, strange: [], later: true }]));
  });

  async function factsOf({ pool, pending }: Situation, leave: (pool: Pool) => Promise<unknown>): Promise<object> {
    const outcomes = Promise.allSettled(pending);
    await leave(pool);
    const { workers } = pool.stats();
    const reasons = (await outcomes).flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    const later = (await rejection(pool.apply(square, [1]))) instanceof PoolError;
    await pool.join(0);
    return { workers, strange: reasons.filter((reason) => !(reason instanceof PoolError)), later };
  }

  describe.each(leaves.slice(0, 3))('%s', (_name, leave) => {
    const refused = (text: string): never => {
      throw new Error(text);
    };

    it.each<[string, (pool: Pool, called: () => void) => PromiseLike<unknown>]>([
      ['callback', (pool, callback) => pool.applyAsync(square, [2], { callback })],
      ['callback of a map', (pool, callback) => pool.mapAsync(square, range(20), { chunksize: 1, callback })],
      ['errorCallback', (pool, errorCallback) => pool.applyAsync(refused, ['as told'], { errorCallback })],
      ['onReport', (pool, onReport) => pool.apply(report, [3], { onReport })],
      ['onProgress', (pool, onProgress) => pool.map(square, range(20), { chunksize: 1, onProgress })],
      ['onProgress of imap', (pool, onProgress) => pool.imap(square, range(20), { chunksize: 1, onProgress }).next()],
    ])('can be called in %s', async (_where, submit) => {
      const pool = make(Kind, 2);
      let left: Promise<unknown> | undefined;
      const outcome = await Promise.allSettled([submit(pool, () => void (left ??= leave(pool)))]);
      await left;
      expect(left).toBeDefined();
      expect(outcome).toHaveLength(1);
      expect(pool.stats().workers).toEqual(NO_WORKERS);
    });
  });
});

describe.each(forked)('%s', (_, Kind) => {
  const deaf = async (): Promise<number> => {
    process.on('SIGTERM', () => {});
    const { currentTask } = (await import('forkpool')) as typeof import('forkpool');
    currentTask()?.report(process.pid);
    for (;;);
  };

  it('terminate kills a child that ignores SIGTERM, when gracePeriod has passed and no sooner', async () => {
    const pool = make(Kind, { processes: 1, gracePeriod: 400 });
    let child = 0;
    const pending = rejection(pool.apply(deaf, [], { onReport: (reported) => (child = reported as number) }));
    await until('it runs', () => child > 0);
    const started = performance.now();
    const gone = pool.terminate();
    await until('its time is up', () => performance.now() - started > 300);
    expect(isAlive(child)).toBe(true);
    await gone;
    expect(isAlive(child)).toBe(false);
    expect(await pending).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
  });

  it('join gives up waiting for a busy child, and terminate then ends it', async () => {
    const pool = make(Kind, 1);
    const child = await pool.apply(pid);
    const pending = rejection(pool.apply(spin, [60_000]));
    const closed = pool.close();
    expect(await rejection(pool.join(30))).toBeInstanceOf(TimeoutError);
    await pool.terminate();
    await closed;
    await pool.join(0);
    expect(isAlive(child)).toBe(false);
    expect(await pending).toMatchObject({ code: 'ERR_POOL_TERMINATED' });
  });
});

async function ready(pool: Pool): Promise<Situation> {
  await pool.ready();
  return { pool, pending: [] };
}

function having(pool: Pool, work: (pool: Pool) => PromiseLike<unknown>[]): Situation {
  return { pool, pending: work(pool) };
}
