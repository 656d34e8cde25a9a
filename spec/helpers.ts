import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '#bench/alive.js';

/** Of what this system may not have. Where it has not, the title of what is skipped says why. */
interface Where {
  describe(title: string, facts: () => void): void;
  it(title: string, fact: () => unknown): void;
}

/** Specs that only some systems can run: `why` says what is missing elsewhere. */
export function where(possible: boolean, why: string): Where {
  const skipped = (title: string): string => `${title} (skipped: ${why})`;
  if (possible) return { describe, it: (title, fact) => it(title, fact as () => Promise<void>) };
  return {
    describe: (title, facts) => describe.skip(skipped(title), facts),
    it: (title, fact) => it.skip(skipped(title), fact as () => Promise<void>),
  };
}

/** What a process does is read from /proc there. */
export const onLinux = where(process.platform === 'linux', 'there is no /proc');

export const withFifo = where(spawnSync('mkfifo', ['--version']).status === 0, 'there is no mkfifo');

/** Waits until `fact` holds, and fails with its name when it does not come true in time. */
export async function until(name: string, fact: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`Not true within ${ms} ms: ${name}`);
    await delay(5);
  }
}

export { isAlive };

/** What a promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not reject');
}

/** What a call throws. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** A folder of its own for a spec file, removed at its end; returns the paths of files in it. */
export function temporaryFiles(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'forkpool-spec-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** The lines of a file that tasks append to; none while it is not there. */
export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

/** The children of a process that live, where the system has a /proc to tell; none elsewhere. */
export function childrenOf(pid: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all
    .filter((name) => parentOf(name) === pid)
    .map(Number)
    .filter(isAlive);
}

function parentOf(pid: string): number | undefined {
  try {
    // "4711 (any name, even with spaces) S 42 …"
    return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** The command line of a process. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/**
 * To be called at the top of a spec file. It returns a function that takes a child which a spec has started: if that has not
 * ended when the spec has, as where the spec failed, it is killed, with its group if it leads one.
 */
export function killsWhatIsLeft(): <Child extends ChildProcess>(child: Child) => Child {
  const running = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of running) {
      child.kill('SIGKILL');
      if (child.pid !== undefined) killGroup(child.pid);
    }
    running.clear();
  });
  return (child) => {
    running.add(child);
    return child.on('close', () => running.delete(child));
  };
}

/** Kills what is left of the process group that this process leads or has led, if it did. */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // There is none.
  }
}

/** To be called at the top of a spec file: fails it when a child process is left at its end. */
export function leavesNoChild(): void {
  const before = childrenOf(process.pid);
  afterAll(async () => {
    const left = (): number[] => childrenOf(process.pid).filter((child) => !before.includes(child));
    await until('no child process is left', () => left().length === 0).catch(() => {});
    expect(left()).toEqual([]);
  });
}
