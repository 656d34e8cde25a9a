import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../fixtures/run-program.js';
import { isAlive, killGroup, leavesNoChild, linesOf, temporaryFiles, until } from '../helpers.js';

// What becomes of the children when something becomes of their master.

leavesNoChild();
const file = temporaryFiles();

// Where a spec fails, its program or the children of that may run on.
const groups: number[] = [];
afterEach(() => groups.splice(0).forEach(killGroup));

interface Running {
  readonly master: ChildProcess & { readonly pid: number };
  /** All it has written. */
  readonly output: () => string;
  readonly ended: Promise<[code: number | null, signal: string | null]>;
}

/** A program that leads a process group of its own, as one that a shell has started does. */
function start(command: string, args: readonly string[]): Running {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const master = spawn(command, args, { detached: true, env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (master.pid !== undefined) groups.push(master.pid);
  let output = '';
  master.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(master, 'close') as Running['ended'];
  return { master: master as unknown as Running['master'], output: () => output, ended };
}

async function children(path: string, count: number): Promise<number[]> {
  await until('the children run', () => linesOf(path).length === count);
  return linesOf(path).map(Number);
}

async function gone(pids: readonly number[]): Promise<void> {
  const since = performance.now();
  await until('they are gone', () => !pids.some(isAlive), 5000);
  expect(performance.now() - since).toBeLessThan(1000);
}

describe('a signal to the whole process group', () => {
  it.each([
    ['SIGINT', 'Ctrl-C'],
    ['SIGHUP', 'a terminal that closes'],
  ] as const)('%s, as of %s, is the master’s alone: it lets its children finish', async (signal, _of) => {
    const path = file(`group-${signal}`);
    const { master, output, ended } = start(process.execPath, [program('master-of-signals.js'), 'heeds', path]);
    const pids = await children(path, 2);
    process.kill(-master.pid, signal);
    expect(await ended).toEqual([0, null]);
    expect(output()).toBe(`the master got ${signal}\ndone, done\n`);
    await gone(pids);
  });

  it('SIGTERM ends the children: a master that lives on is told', async () => {
    const path = file('group-SIGTERM');
    const { master, output, ended } = start(process.execPath, [program('master-of-signals.js'), 'heeds', path]);
    const pids = await children(path, 2);
    process.kill(-master.pid, 'SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(output().split('\n')).toEqual(
      expect.arrayContaining(['the master got SIGTERM', 'ERR_WORKER_LOST SIGTERM, ERR_WORKER_LOST SIGTERM']),
    );
    await gone(pids);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s that a master does not heed leaves none of its busy children',
    async (signal) => {
      const path = file(`unheeded-${signal}`);
      const { master, ended } = start(process.execPath, [program('master-of-signals.js'), 'ignores', path]);
      const pids = await children(path, 2);
      process.kill(-master.pid, signal);
      expect(await ended).toEqual([null, signal]);
      await gone(pids);
    },
  );
});

describe('a signal to the master alone', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves none of its busy children', async (signal) => {
    const path = file(`alone-${signal}`);
    const { master, ended } = start(process.execPath, [program('master-of-signals.js'), 'ignores', path]);
    const pids = await children(path, 2);
    process.kill(master.pid, signal);
    expect(await ended).toEqual([null, signal]);
    await gone(pids);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s that it heeds lets its children finish', async (signal) => {
    const path = file(`heeded-${signal}`);
    const { master, output, ended } = start(process.execPath, [program('master-of-signals.js'), 'heeds', path]);
    const pids = await children(path, 2);
    process.kill(master.pid, signal);
    expect(await ended).toEqual([0, null]);
    expect(output()).toBe(`the master got ${signal}\ndone, done\n`);
    await gone(pids);
  });
});

describe('a pool in a worker of a pool', () => {
  it('goes with the first master', async () => {
    const path = file('nested-outer');
    const { master, ended } = start(process.execPath, [program('nested-masters.js'), path]);
    const pids = await children(path, 3);
    process.kill(master.pid, 'SIGKILL');
    await ended;
    await gone(pids);
  });

  it('goes with its own master', async () => {
    const path = file('nested-middle');
    const { output, ended } = start(process.execPath, [program('nested-masters.js'), path]);
    const [middle, ...inner] = await children(path, 3);
    process.kill(middle as number, 'SIGKILL');
    expect(await ended).toEqual([0, null]);
    expect(output()).toBe('ERR_WORKER_LOST SIGKILL\n');
    await gone(inner);
  });
});

describe('output that nobody reads any more, as after `| head`', () => {
  /** Reads both outputs up to the first line, and hangs up. */
  function head(who: string, path: string): Running {
    const command = `"$0" "$@" 2>&1 | head -n 1 >/dev/null; cat "$2-outcome" 2>/dev/null; true`;
    return start('sh', ['-c', command, process.execPath, program('prints-for-ever.js'), who, path]);
  }

  it.each(['stdout of a child', 'raw stdout of a child'])('of %s fails its task with the cause', async (who) => {
    const path = file(`head ${who}`);
    const { ended } = head(who, path);
    await ended;
    await gone(linesOf(path).map(Number));
    const [outcome] = linesOf(`${path}-outcome`);
    expect(['ERR_WORKER_LOST EPIPE', 'ERR_TASK_TIMEOUT ']).toContain(outcome);
  });

  it('of what is copied on from a child’s stderr harms neither the child nor the master', async () => {
    const path = file('head stderr');
    const { ended } = head('stderr of a child', path);
    await ended;
    await gone(linesOf(path).map(Number));
    expect(linesOf(`${path}-outcome`)).toEqual(['ERR_TASK_TIMEOUT ']);
  });

  it('of the master ends the program, and its children', async () => {
    const path = file('head master');
    const { ended } = head('the master', path);
    await ended;
    await gone(linesOf(path).map(Number));
  });
});
