import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import {
  applyAsyncOptions,
  applyOptions,
  checkArgs,
  imapOptions,
  mapAsyncOptions,
  mapOptions,
  poolOptions,
  type PoolOptions,
} from '#lib/options.js';
import { thrown } from './helpers.js';

describe('options of a pool', () => {
  it('have defaults', () => {
    const { processes, minProcesses, ...rest } = poolOptions(undefined, {});
    expect(processes).toBeGreaterThanOrEqual(1);
    expect(minProcesses).toBe(processes);
    expect(rest).toEqual({
      initargs: [],
      maxtasksperchild: Infinity,
      maxMemoryPerChild: Infinity,
      concurrency: 1,
      timeout: Infinity,
      retries: 0,
      idleTimeout: Infinity,
      gracePeriod: 1000,
      startTimeout: 30_000,
    });
  });

  it('that are undefined count as left out', () => {
    const names = ['processes', 'initargs', 'timeout', 'env', 'minProcesses', 'gracePeriod', 'retries'];
    const given = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(poolOptions(given, {})).toEqual(poolOptions({}, {}));
  });

  it('are a number of processes in short', () => {
    expect(poolOptions(3, {})).toEqual(poolOptions({ processes: 3 }, {}));
  });

  it('are not changed, and may be changed afterwards', () => {
    const given = Object.freeze({ processes: 2 });
    expect(poolOptions(given, {})).not.toBe(given);
  });

  it.each<[string, unknown]>([
    ['processes', Infinity],
    ['processes', 0],
    ['processes', 1.5],
    ['processes', NaN],
    ['maxtasksperchild', 0],
    ['maxMemoryPerChild', 0],
    ['concurrency', 0],
    ['minProcesses', -1],
    ['retries', -1],
    ['timeout', 0],
    ['timeout', NaN],
    ['startTimeout', 0],
    ['gracePeriod', -1],
    ['idleTimeout', -1],
  ])('are refused with RangeError for %s: %p', (name, value) => {
    const error = thrown(() => poolOptions({ [name]: value }, {})) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain(`\`${name}\``);
    expect(error.message).toContain(`got \`${String(value)}\` (number)`);
  });

  it.each<[string, unknown]>([
    ['processes', '4'],
    ['initializer', {}],
    ['initargs', 'abc'],
    ['finalizer', 'f'],
    ['env', 'PATH=x'],
    ['env', { A: 1 }],
    ['env', new Map([['A', '1']])],
    ['env', new URLSearchParams('A=1')],
    ['cwd', 5],
    ['execArgv', '--flag'],
    ['execArgv', [1]],
    ['resourceLimits', 5],
    ['timeout', '5'],
    ['retries', null],
  ])('are refused with TypeError for %s: %p', (name, value) => {
    const error = thrown(() => poolOptions({ [name]: value }, {})) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`\`${name}\``);
  });

  it('name the variable of an env that is no string', () => {
    expect(thrown(() => poolOptions({ env: { HOME: '/', PORT: 80 as never } }, {}))).toEqual(
      new TypeError(
        'Expected `env` to be an object whose values are strings or undefined, got `80` (number) for `PORT`',
      ),
    );
  });

  it.each<[string, object]>([
    ['process.env', process.env],
    ['{}', {}],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { A: '1' })],
    ['one of another context', runInNewContext('({})') as object],
    ['an instance with properties', Object.assign(Object.create({ inherited: '1' }) as object, { A: '1' })],
  ])('may have an env that is %s', (_, given) => {
    const env = given as Record<string, string>;
    expect(poolOptions({ env }, {}).env).toBe(env);
  });

  it.each([Infinity, 2 ** 40])('may have a timeout of %p', (timeout) => {
    expect(poolOptions({ timeout }, {}).timeout).toBe(timeout);
  });

  it('have no more minProcesses than processes', () => {
    const error = thrown(() => poolOptions({ processes: 2, minProcesses: 3 }, {})) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('at most `processes` (2)');
    expect(poolOptions({ processes: 2, minProcesses: 0 }, {}).minProcesses).toBe(0);
  });

  it('that nobody knows are refused, naming those that are known', () => {
    const error = thrown(() => poolOptions({ process: 2 } as never, {})) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^Unknown option `process` of `pool`\. Known are processes, /);
  });

  it.each([null, 'four', [], true])('are no %p', (given) => {
    expect(thrown(() => poolOptions(given as never, {}))).toBeInstanceOf(TypeError);
  });

  it('that this kind of pool does not have are refused, naming the pool that does', () => {
    expect(thrown(() => poolOptions({ cwd: '/' }, { cwd: 'Pool' }))).toEqual(
      new TypeError('This pool has no option `cwd`. Pool has it'),
    );
    expect(poolOptions({ cwd: undefined }, { cwd: 'Pool' }).cwd).toBeUndefined();
  });
});

describe('options of a call', () => {
  const signal = new AbortController().signal;

  it.each([
    ['apply', applyOptions],
    ['applyAsync', applyAsyncOptions],
    ['map', mapOptions],
    ['mapAsync', mapAsyncOptions],
    ['imap', imapOptions],
  ] as const)('of %s are those of a task', (_, read) => {
    const given = { timeout: 5, retries: 1, priority: -2.5, signal, onReport: () => {} };
    expect(read(given)).toEqual({ ...given, onReport: expect.any(Function) });
    expect(read(undefined)).toEqual({});
    expect(thrown(() => read({ nonsense: 1 }))).toBeInstanceOf(TypeError);
    expect(thrown(() => read({ priority: NaN }))).toBeInstanceOf(RangeError);
    expect(thrown(() => read({ signal: {} }))).toBeInstanceOf(TypeError);
  });

  it.each([
    ['map', mapOptions],
    ['mapAsync', mapAsyncOptions],
    ['imap', imapOptions],
  ] as const)('of %s are a chunksize in short', (_, read) => {
    expect(read(7)).toEqual({ chunksize: 7 });
    expect(thrown(() => read(0))).toBeInstanceOf(RangeError);
    expect(thrown(() => read(Infinity))).toBeInstanceOf(RangeError);
  });

  it('of apply are no number', () => {
    expect(thrown(() => applyOptions(7))).toBeInstanceOf(TypeError);
  });

  it('have callbacks where a call returns at once', () => {
    const heard: unknown[] = [];
    const given = { callback: (value: unknown) => heard.push(value), errorCallback: () => {} };
    for (const read of [applyAsyncOptions, mapAsyncOptions]) {
      const { callback, errorCallback } = read(given);
      callback?.(heard as never);
      expect([heard.pop(), typeof errorCallback]).toEqual([heard, 'function']);
    }
    expect(thrown(() => applyOptions(given))).toBeInstanceOf(TypeError);
  });

  it('take a signal of another realm', () => {
    const foreign = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
    expect(applyOptions({ signal: foreign }).signal).toBe(foreign);
  });

  it('do not have both settled and stopOnError', () => {
    expect(thrown(() => mapOptions({ settled: true, stopOnError: true }))).toBeInstanceOf(TypeError);
    expect(mapOptions({ settled: true, stopOnError: false })).toEqual({ settled: true, stopOnError: false });
  });
});

describe('the arguments of apply', () => {
  it('are a list, or none', () => {
    expect([checkArgs(undefined), checkArgs([1])]).toEqual([[], [1]]);
  });

  it.each([null, 'abc', 5, {}, new Set()])('are not %p', (args) => {
    expect(thrown(() => checkArgs(args))).toBeInstanceOf(TypeError);
  });
});

describe('cwd', () => {
  const given = (cwd: unknown): unknown => poolOptions({ cwd } as PoolOptions, {}).cwd;

  it('may be a file URL, and is then the path that it names', () => {
    expect([given('/srv/app'), given(new URL('file:///srv/my%20app/'))]).toEqual(['/srv/app', '/srv/my app/']);
  });

  it.each([
    [new URL('https://example.org/srv'), RangeError, "got `'https://example.org/srv'`"],
    [new URL('file:///srv%2Fapp'), RangeError, "got `'file:///srv%2Fapp'`"],
    [5, TypeError, 'got `5`'],
    [{}, TypeError, 'got `{}`'],
  ])('may not be %p', (cwd, Class, got) => {
    const error = thrown(() => given(cwd));
    expect(error).toBeInstanceOf(Class);
    expect((error as Error).message).toContain(`Expected \`cwd\` to be a path or a file URL, ${got}`);
  });
});

describe('stdio', () => {
  const given = (stdio: unknown): unknown => poolOptions({ stdio } as PoolOptions, {}).stdio;

  it.each([['inherit'], [['ignore', 'pipe', 2]], [['ignore', null, undefined]], [[process.stdin]]])(
    'may be %p',
    (stdio) => {
      expect(given(stdio)).toBe(stdio);
    },
  );

  it('may end with the channel that fork asks for', () => {
    expect(given(['ignore', 'inherit', 'pipe', 'ipc'])).toEqual(['ignore', 'inherit', 'pipe']);
  });

  it.each([
    ['everything', RangeError],
    [['pipe', 'pipe', 'pipe', 'ipc', 'ipc'], RangeError],
    [['pipe', 'pipe', 'ipc'], RangeError],
    [['ignore', 'foo', 'inherit'], RangeError],
    [['pipe', 'pipe', 'pipe', 'pipe'], RangeError],
    [['ipc'], RangeError],
    [[-1], RangeError],
    [[true], TypeError],
    [7, TypeError],
  ])('may not be %p', (stdio, Class) => {
    const error = thrown(() => given(stdio));
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ message: expect.stringContaining('`stdio`') });
  });
});

describe('an option that a kind of pool refuses', () => {
  it('is refused before its value is looked at, naming the pool that has it', () => {
    expect(thrown(() => poolOptions({ idleTimeout: -1 }, { idleTimeout: 'Pool' }))).toMatchObject({
      name: 'TypeError',
      message: 'This pool has no option `idleTimeout`. Pool has it',
    });
  });

  it('may be undefined', () => {
    expect(poolOptions({ idleTimeout: undefined }, { idleTimeout: 'Pool' }).idleTimeout).toBe(Infinity);
  });
});
