import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ThreadPool, type Pool, type PoolOptions } from 'forkpool';
import { square } from '../fixtures/tasks.js';
import { rejection, thrown } from '../helpers.js';
import { pools, poolsOf, walled } from '../pools.js';

const make = poolsOf();

type Wrong = [option: string, value: unknown, kind: typeof TypeError | typeof RangeError];

/** Each option of a pool with values it refuses. */
const ofPool: Wrong[] = [
  ['processes', 0, RangeError],
  ['processes', -1, RangeError],
  ['processes', 1.5, RangeError],
  ['processes', NaN, RangeError],
  ['processes', Infinity, RangeError],
  ['processes', '2', TypeError],
  ['processes', null, TypeError],
  ['processes', true, TypeError],
  ['maxtasksperchild', 0, RangeError],
  ['maxtasksperchild', 0.5, RangeError],
  ['maxtasksperchild', '12', TypeError],
  ['initializer', 1, TypeError],
  ['initargs', 'text', TypeError],
  ['finalizer', {}, TypeError],
  ['maxMemoryPerChild', -5, RangeError],
  ['concurrency', 0, RangeError],
  ['concurrency', [], TypeError],
  ['timeout', 0, RangeError],
  ['timeout', NaN, RangeError],
  ['timeout', '3s', TypeError],
  ['retries', -1, RangeError],
  ['minProcesses', -1, RangeError],
  ['idleTimeout', -1, RangeError],
  ['gracePeriod', -1, RangeError],
  ['gracePeriod', NaN, RangeError],
  ['startTimeout', 0, RangeError],
  ['env', ['A=1'], TypeError],
  ['env', { A: 1 }, TypeError],
  ['cwd', 7, TypeError],
  ['execArgv', '--flag', TypeError],
  ['stdio', 'ipc', RangeError],
];

const ofTask: Wrong[] = [
  ['timeout', -1, RangeError],
  ['timeout', '1', TypeError],
  ['retries', 1.5, RangeError],
  ['signal', {}, TypeError],
  ['priority', NaN, RangeError],
  ['priority', 'high', TypeError],
  ['onReport', 5, TypeError],
];

const ofMap: Wrong[] = [
  ['chunksize', 0, RangeError],
  ['chunksize', -1, RangeError],
  ['chunksize', 2.5, RangeError],
  ['chunksize', 'a', TypeError],
  ['settled', 1, TypeError],
  ['onProgress', true, TypeError],
];

/** Options that a pool does not have, and the one that does. */
const refused: Record<(typeof pools)[number][0], [option: string, other: string][]> = {
  Pool: [['resourceLimits', 'ThreadPool']],
  ThreadPool: [['cwd', 'Pool']],
  AsyncPool: [
    ...['env', 'cwd', 'execArgv', 'stdio', 'maxMemoryPerChild', 'minProcesses', 'idleTimeout'].map(
      (option): [string, string] => [option, 'Pool'],
    ),
    ['resourceLimits', 'ThreadPool'],
  ],
};

const asynchronous = ['apply', 'map', 'starmap'];
const synchronous = ['applyAsync', 'mapAsync', 'starmapAsync', 'imap', 'imapUnordered'];

/** What a wrong call gives: methods that return a promise reject, the others throw. */
async function errorOf(pool: Pool, method: string, ...args: unknown[]): Promise<unknown> {
  const call = (pool as unknown as Record<string, (...args: unknown[]) => PromiseLike<unknown>>)[method]?.bind(pool);
  if (call === undefined) throw new Error(`no ${method}`);
  return asynchronous.includes(method) ? rejection(call(...args)) : thrown(() => call(...args));
}

describe.each(pools)('%s', (name, Kind) => {
  /** Bears all wrong calls. */
  let pool: Pool;
  beforeAll(() => void (pool = new Kind(1)));
  afterAll(() => pool.terminate());

  const own = ofPool.filter(([option]) => !refused[name].some(([other]) => other === option));

  it.each(own)('refuses the option %s: %p with a %p that names it', (option, value, kind) => {
    const error = thrown(() => new Kind({ [option]: value }));
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toContain(`Expected \`${option}\` to be `);
    expect((error as Error).message).toContain('got ');
  });

  it('words its refusals as Python does, if Python has a message for them', () => {
    expect(thrown(() => new Kind(0))).toMatchObject({
      message:
        'Number of processes must be at least 1. Expected `processes` to be a whole number from 1 up, got `0` (number)',
    });
    expect(thrown(() => new Kind({ maxtasksperchild: 0 }))).toMatchObject({
      message: expect.stringContaining('maxtasksperchild must be a positive int'),
    });
    expect(thrown(() => new Kind({ initializer: 1 as never }))).toMatchObject({
      message: expect.stringContaining('initializer must be a callable'),
    });
    expect(thrown(() => pool.imap(square, [1], 0))).toMatchObject({
      message: expect.stringContaining('Chunksize must be 1+'),
    });
  });

  it.each([() => {}, { executor: 1 }, null])('refuses a second argument: %p', (second) => {
    // A program without types may give anything.
    const construct = Kind as unknown as new (...args: unknown[]) => Pool;
    const error = thrown(() => new construct(4, second)) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^A pool has one argument, .*, got a second one: /);
  });

  it.each(['4', true, null, [], () => {}])('refuses %p in place of the options', (options) => {
    expect(thrown(() => new Kind(options as never))).toBeInstanceOf(TypeError);
  });

  it('refuses an unknown option, and lists the known ones', () => {
    const error = thrown(() => new Kind({ process: 4 } as PoolOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/Unknown option `process` of `pool`. Known are processes, /),
    });
  });

  it.each(refused[name])('has no option %s, and says that %s has it', (option, other) => {
    const value = { env: {}, execArgv: [], stdio: 'ignore', resourceLimits: {}, cwd: '/' }[option] ?? 1;
    const error = thrown(() => new Kind({ [option]: value }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: `This pool has no option \`${option}\`. ${other} has it` });
  });

  it('counts an option of undefined as left out', async () => {
    const lax = make(Kind, { processes: 1, maxtasksperchild: undefined, initializer: undefined, timeout: undefined });
    expect(await lax.map(square, [2], { chunksize: undefined, signal: undefined })).toEqual([4]);
  });

  it('says how many processes it has', () => {
    expect(make(Kind, 3).processes).toBe(3);
  });

  describe.each([...asynchronous, ...synchronous])('%s', (method) => {
    const wrong = method.startsWith('apply') ? ofTask : [...ofTask, ...ofMap];
    const second = method.startsWith('starmap') ? [[1]] : [1];

    it.each(wrong)('refuses %s: %p, and the pool goes on', async (option, value, kind) => {
      const error = await errorOf(pool, method, square, second, { [option]: value });
      expect(error).toBeInstanceOf(kind);
      expect((error as Error).message).toContain(`\`${option}\``);
    });

    it.each([undefined, null, 5, 'square', {}, []])('refuses %p in place of the function', async (fn) => {
      expect(await errorOf(pool, method, fn, second)).toBeInstanceOf(TypeError);
    });

    it('refuses an unknown option', async () => {
      const error = await errorOf(pool, method, square, second, { chunkSize: 1 });
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: expect.stringContaining('Unknown option `chunkSize`') });
    });
  });

  it.each(['map', 'mapAsync', 'starmap', 'imap', 'imapUnordered'])(
    '%s refuses an input that is no iterable',
    async (method) => {
      expect(await errorOf(pool, method, square, 5)).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('`items`'),
      });
      expect(await errorOf(pool, method, square, null)).toBeInstanceOf(TypeError);
    },
  );

  it.each(['apply', 'applyAsync'])('%s refuses args that are no array', async (method) => {
    expect(await errorOf(pool, method, square, 5)).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('`args`'),
    });
  });

  it('refuses settled together with stopOnError', async () => {
    expect(await rejection(pool.map(square, [1], { settled: true, stopOnError: true }))).toBeInstanceOf(TypeError);
  });

  it.each([-1, NaN])('refuses to wait for %d ms', async (timeout) => {
    expect(await rejection(pool.applyAsync(square, [1]).get(timeout))).toBeInstanceOf(RangeError);
    expect(await rejection(pool.imap(square, [1]).next(timeout))).toBeInstanceOf(RangeError);
  });

  it('still works after all of these refusals', async () => {
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(pool.stats().replaced.died).toBe(0);
  });
});

describe.each(walled)('%s', (_, Kind) => {
  it('refuses more minProcesses than processes', () => {
    expect(thrown(() => new Kind({ processes: 2, minProcesses: 3 }))).toBeInstanceOf(RangeError);
  });
});

it.each([[['ignore', 2, 2]], [['ignore', 'inherit', process.stderr]]])(
  'ThreadPool refuses descriptors and streams in stdio: %p',
  (stdio) => {
    const error = thrown(() => new ThreadPool({ stdio: stdio as PoolOptions['stdio'] }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringMatching(/^Expected `stdio` to be .* Pool has more, got /) });
  },
);
