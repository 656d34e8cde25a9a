import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { WorkerLostError, WorkerStartError } from 'forkpool';
import { complainAndDie, fillShared, hoard, leaveGrandchild } from '../fixtures/fork-tasks.js';
import { program, run } from '../fixtures/run-program.js';
import { pid, square } from '../fixtures/tasks.js';
import { isAlive, range, rejection, temporaryFiles } from '../helpers.js';
import { forked, poolsOf } from '../pools.js';

const make = poolsOf();
const file = temporaryFiles();
const [[, Pool]] = forked as [(typeof forked)[number]];

afterEach(() => void jest.restoreAllMocks());

const MEGABYTE = 1 << 20;

describe('the output of a child', () => {
  it.each(['exit', 'return'])('arrives whole when its task ends by %s', async (how) => {
    const { stdout, stderr, code } = await run([program('prints.js'), how, String(MEGABYTE)]);
    expect(code).toBe(0);
    expect([stdout.length, /^o+\n$/.test(stdout)]).toEqual([MEGABYTE, true]);
    expect([stderr.length, /^e+\n$/.test(stderr)]).toEqual([MEGABYTE, true]);
  });

  it('is copied on from pipes, which hold no program alive', async () => {
    const { stdout, stderr, code } = await run([program('prints-to-pipes.js'), String(MEGABYTE)]);
    expect([stdout.length, /^o+\n$/.test(stdout), stderr.length, code]).toEqual([MEGABYTE, true, MEGABYTE, 0]);
  });

  it('on stderr is copied on, and its last lines are told in the error of its death', async () => {
    const text = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join('');
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const error = (await rejection(make(Pool, 1).apply(complainAndDie, [text]))) as WorkerLostError;
    expect(Buffer.concat(write.mock.calls.map(([data]) => data as Buffer)).toString()).toBe(text);
    expect(error.stderr).toEqual(Array.from({ length: 20 }, (_, line) => `line ${line + 10}`));
    expect(error.message).toContain('line 29');
  });

  it('on stdout is copied on where that is piped', async () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const pool = make(Pool, { processes: 1, stdio: ['ignore', 'pipe', 'pipe'] });
    await pool.apply((text: string) => process.stdout.write(text), ['heard\n']);
    await pool.close();
    const text = Buffer.concat(write.mock.calls.map(([data]) => Buffer.from(data as Uint8Array))).toString();
    expect(text).toBe('heard\n');
  });

  it('is not kept with stdio: ignore', async () => {
    const error = await rejection(
      make(Pool, { processes: 1, stdio: 'ignore' }).apply(complainAndDie, ['nobody hears\n']),
    );
    expect(error).toMatchObject({ signal: 'SIGKILL', stderr: [] });
  });
});

describe('a large argument whose memory is moved elsewhere after the call', () => {
  it('arrives as it was while it waited for the pipe, and so do all that follow it', async () => {
    const pool = make(Pool, { processes: 1, concurrency: 2 });
    await pool.ready();
    const lengthOf = ({ length }: Uint8Array): number => length;
    const first = pool.apply(lengthOf, [new Uint8Array(20 * MEGABYTE)]);
    const moved = new Uint8Array(MEGABYTE);
    const second = pool.apply(lengthOf, [moved]);
    structuredClone(moved.buffer, { transfer: [moved.buffer] });
    const third = pool.apply(lengthOf, [new Uint8Array(10)]);
    expect(await Promise.all([first, second, third])).toEqual([20 * MEGABYTE, MEGABYTE, 10]);
  });
});

describe('the surroundings of a child', () => {
  interface Surroundings {
    execArgv: string[];
    nodeOptions?: string;
    inspector?: string;
    title: string;
  }

  async function surroundingsOf(flags: string[], nodeOptions?: string, options: object = {}): Promise<Surroundings> {
    const { stdout, stderr } = await run([...flags, program('surroundings.js'), JSON.stringify(options)], {
      env: { NODE_OPTIONS: nodeOptions },
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Surroundings;
  }

  it('have the flags of the master, without those that concern the master alone', async () => {
    const { execArgv, inspector } = await surroundingsOf([
      '--inspect=0',
      '--no-warnings',
      '--title',
      'master',
      '--max-old-space-size=200',
    ]);
    expect(execArgv).toEqual(['--no-warnings', '--max-old-space-size=200']);
    expect(inspector).toBeUndefined();
  });

  it('have the NODE_OPTIONS of the master, without the same', async () => {
    const { nodeOptions, inspector, execArgv } = await surroundingsOf(
      [],
      '--inspect=0 --no-warnings --max-old-space-size=200',
    );
    expect([nodeOptions, execArgv]).toEqual(['--no-warnings --max-old-space-size=200', []]);
    expect(inspector).toBeUndefined();
  });

  it('have NODE_OPTIONS with spaces in its flags', async () => {
    const { nodeOptions, title } = await surroundingsOf([], '--title="my app" --disable-warning="no such"');
    expect([nodeOptions, title]).toEqual(['"--disable-warning=no such"', expect.not.stringContaining('my app')]);
  });

  it('have the flags of execArgv and the NODE_OPTIONS of env as they are given', async () => {
    const { execArgv, nodeOptions, title } = await surroundingsOf(['--no-warnings'], '--max-old-space-size=200', {
      execArgv: ['--title=child'],
      env: { NODE_OPTIONS: '--max-old-space-size=300' },
    });
    expect([execArgv, nodeOptions, title]).toEqual([['--title=child'], '--max-old-space-size=300', 'child']);
  });

  it('have no NODE_OPTIONS when env removes it', async () => {
    expect((await surroundingsOf([], '--no-warnings')).nodeOptions).toBe('--no-warnings');
    const error = await rejection(surroundingsOf([], '--nonsense'));
    expect(String(error)).toContain('--nonsense');
  });

  it('do not have the text of `node -e`', async () => {
    const code = `
      import('forkpool').then(async ({ Pool }) => {
        const pool = new Pool(1);
        console.log(JSON.stringify(await pool.apply(() => process.execArgv)));
        await pool.close();
      });`;
    const { stdout, stderr } = await run(['--no-warnings', '-e', code.replaceAll("'", '"')]);
    expect([stdout, stderr]).toEqual(['["--no-warnings"]\n', '']);
  });
});

it('starts a child as the options of fork say, its channel and a URL among them', async () => {
  const pool = make(Pool, {
    processes: 1,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    cwd: new URL('.', pathToFileURL(file('here'))),
  });
  expect(await pool.apply(() => process.cwd())).toBe(realpathSync(file('.')));
});

describe('a child that cannot be started', () => {
  it('for its working directory is a WorkerStartError', async () => {
    const error = await rejection(make(Pool, { processes: 1, cwd: file('nowhere') }).ready());
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error).toMatchObject({ code: 'ERR_WORKER_START', cause: { code: 'ENOENT' } });
    expect((error as Error).message).toBe(
      `A worker could not be started: its \`cwd\` is not there: ${file('nowhere')}`,
    );
  });

  it('for a flag that node does not know is a WorkerStartError with what node said', async () => {
    const error = (await rejection(make(Pool, { processes: 1, execArgv: ['--nonsense'] }).ready())) as Error;
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.message).toContain('bad option: --nonsense');
  });

  it('for want of file descriptors breaks its pool with a typed error, or is started when there are some again', async () => {
    const { stdout, stderr, code } = await run([program('no-descriptors.js')], {
      descriptors: 64,
      env: { TMPDIR: file('.') },
    });
    expect([code, stderr]).toEqual([0, '']);
    const refused = { name: 'WorkerStartError', code: 'ERR_WORKER_START', cause: 'EMFILE' };
    expect(JSON.parse(stdout)).toEqual({ pending: refused, later: refused, healed: 9, left: [] });
  });
});

describe('a large result', () => {
  it('arrives as it was returned, though the next task uses its memory again', async () => {
    const results = await make(Pool, 2).map(fillShared, range(60));
    expect(results.map((result) => [result.length, result[0], result.at(-1)])).toEqual(
      range(60).map((n) => [1 << 20, n, n]),
    );
  });
});

describe('a child that dies', () => {
  it('is reported though a process that it started holds its pipes open', async () => {
    let grandchild = 0;
    try {
      const started = performance.now();
      const error = await rejection(
        make(Pool, 1).apply(leaveGrandchild, [], { onReport: (reported) => (grandchild = reported as number) }),
      );
      expect(error).toMatchObject({ code: 'ERR_WORKER_LOST', exitCode: 5, suspects: 1 });
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(isAlive(grandchild)).toBe(true);
    } finally {
      // 0 would be this program's own group.
      if (grandchild > 0) process.kill(grandchild, 'SIGKILL');
    }
  });

  it('for want of memory says so', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const pool = make(Pool, { processes: 1, execArgv: ['--max-old-space-size=20'] });
    const error = (await rejection(pool.apply(hoard))) as WorkerLostError;
    expect(error).toMatchObject({ code: 'ERR_WORKER_LOST', outOfMemory: true, signal: 'SIGABRT' });
    expect(error.message).toContain('ran out of memory');
  });

  it('for want of memory says so though V8 writes more after it than is kept', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const fatal = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
    const error = await rejection(make(Pool, 1).apply(complainAndDie, [`${fatal}${'of its stack\n'.repeat(40)}`]));
    expect(error).toMatchObject({ outOfMemory: true });
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('of no %s: Ctrl-C and a closed terminal are the master’s', async (signal) => {
    const pool = make(Pool, 1);
    const child = await pool.apply(pid);
    process.kill(child, signal);
    expect([await pool.apply(pid), await pool.apply(square, [2])]).toEqual([child, 4]);
  });
});
