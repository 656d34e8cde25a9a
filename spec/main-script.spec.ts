import { describe, expect, it } from '@jest/globals';
import { symlinkSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { program, run } from './fixtures/run-program.js';
import { temporaryFiles } from './helpers.js';

const file = temporaryFiles();

const REFUSED = 'ERR_TASK_NOT_FOUND ERR_POOL_BOOTSTRAP\n';

/** What a program prints. It must not complain, or go on for ever. */
async function outputOf(argv: readonly string[], cwd?: string): Promise<string> {
  const { stdout, stderr, code } = await run(argv, cwd === undefined ? {} : { cwd });
  expect([stderr, code]).toEqual(['', 0]);
  return stdout;
}

describe('a main script whose function is a task', () => {
  it('runs when its program is guarded', async () => {
    expect(await outputOf([program('main-guarded.js')])).toBe('8\n');
  });

  it('is refused a pool in the child when it is not, and the task fails with ERR_POOL_BOOTSTRAP', async () => {
    expect(await outputOf([program('main-unguarded.js')])).toBe(REFUSED);
  });

  it('fails each task with its child where it ends its program over that, and goes on', async () => {
    const lost = 'ERR_WORKER_LOST 7';
    expect(await outputOf([program('main-unguarded-exits.js')])).toBe(`${lost}, ${lost}, ${lost}\n`);
  });

  it('is known when it was started without its extension', async () => {
    expect(await outputOf(['main-unguarded'], program('.'))).toBe(REFUSED);
  });

  it('is known by a symbolic link', async () => {
    const link = file('link.js');
    symlinkSync(program('main-unguarded.js'), link);
    expect(await outputOf([link])).toBe(REFUSED);
  });

  it('is known when another module imports it', async () => {
    expect(await outputOf([program('main-indirect.js')])).toBe(REFUSED);
  });

  it('is known to the children of children', async () => {
    expect(await outputOf([program('main-nested-twice.js')])).toBe(REFUSED);
  });
});

describe('a module of tasks that starts a pool', () => {
  it('is refused it in the child that imports it for an initializer, and no pool comes of it', async () => {
    expect(await outputOf([program('module-starts-pool.js')])).toBe(`ERR_INITIALIZER ${REFUSED}`);
  });

  it('is refused it where it is a program that another module imports', async () => {
    expect(await outputOf([program('module-runs-pool.js')])).toBe(REFUSED);
  });

  it('is refused it when it starts it later, which is said', async () => {
    const { stdout, stderr, code } = await run([program('module-runs-pool.js')], { env: { START: 'later' } });
    expect([stdout, code]).toEqual(['16\n', 0]);
    expect(stderr.match(/ERR_POOL_BOOTSTRAP/g)).toHaveLength(1);
  });

  it('may have pools of its own loop', async () => {
    expect(await outputOf([program('module-with-async-pool.js')])).toBe('9\n');
  });
});

describe.each(['Pool', 'ThreadPool'])('a preload that starts a %s', (KIND) => {
  const flag = `--import=${pathToFileURL(program('preload.js')).href}`;
  const runWith = async (argv: readonly string[], env: Record<string, string>): Promise<string> =>
    (await run([...argv, program('preloaded.js')], { env: { ...env, KIND } })).stdout;

  it('starts none in the workers of that when it is guarded', async () => {
    expect(await runWith([flag], {})).toBe('2\n');
    expect(await runWith([], { NODE_OPTIONS: flag })).toBe('2\n');
  });

  it('is refused it in the workers when it is not, and the tasks fail', async () => {
    const cause = KIND === 'Pool' ? '' : 'ERR_POOL_BOOTSTRAP';
    expect(await runWith([flag], { START: 'always' })).toBe(`ERR_WORKER_START ${cause}\n`);
  });

  it('is refused it in the workers when it starts it later', async () => {
    const printed = await runWith([flag], { START: 'later' });
    // Whether the task was done by then is a matter of luck.
    expect(printed).toMatch(/^(?:2|ERR_[A-Z_]+ (?:ERR_[A-Z_]+)?)$/m);
    expect(printed).not.toContain('too');
  });
});

describe('a pool that a task starts', () => {
  it('works from a function of the main script that was sent as its text', async () => {
    expect(await outputOf([program('main-nested-text.js')])).toBe('14\n14\n');
  });

  it('works when the main script is not imported', async () => {
    expect(await outputOf([program('main-nested.js')])).toBe('14\n');
  });
});

describe('a program without a main script', () => {
  it.each(['Pool', 'ThreadPool', 'AsyncPool'])('has pools all the same: %s', async (name) => {
    const code =
      `import("forkpool").then(async ({ ${name} }) => { const pool = new ${name}(1);` +
      'console.log(await pool.apply((x) => x + 1, [1])); await pool.close(); })';
    expect(await outputOf(['-e', code])).toBe('2\n');
    expect(await outputOf(['--expose-gc', '--input-type=module', '-e', code])).toBe('2\n');
  });
});

describe('a pool in a worker', () => {
  it('is no preload’s where a signal starts it, nor in a thread of the program’s own', async () => {
    expect(await outputOf([program('pool-in-own-thread.js')])).toBe(
      "in a thread, a worker's undefined: 2\non a signal: 2\n",
    );
  });
});
