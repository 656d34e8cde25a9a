import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LockedError, takeLock } from '#lib/cli/map/file-lock.js';
import { ownMark, runsElsewhere } from '#lib/cli/map/process-mark.js';
import { killsWhatIsLeft, leavesNoChild, onLinux, rejection, temporaryFiles, until } from '../../helpers.js';

leavesNoChild();
const kept = killsWhatIsLeft();

const file = temporaryFiles();
const LOCK_MODULE = JSON.stringify(new URL('../../../dist/lib/cli/map/file-lock.js', import.meta.url));

/** No process has this pid: on no system are there so many. */
const NOBODY = { pid: 2 ** 22 + 1 };
const left = (name: string, content: string): string => {
  writeFileSync(file(name), content);
  return file(name);
};

afterEach(() => void jest.restoreAllMocks());

describe('a lock', () => {
  it('is taken by one, whom others are told of, until it is let go', async () => {
    const lock = file('taken.lock');
    const release = await takeLock(lock);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual(ownMark());
    release();
    expect(existsSync(lock)).toBe(false);
    (await takeLock(lock))();
  });

  it('is refused while another process has it, which the error names', async () => {
    const other = kept(
      spawn(process.execPath, ['--input-type=module', '-e', holder('held.lock')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    await once(other.stdout, 'data');
    const error = await rejection(takeLock(file('held.lock')));
    expect(error).toBeInstanceOf(LockedError);
    expect(error).toMatchObject({ pid: other.pid });
    other.kill('SIGKILL');
    await once(other, 'exit');
    (await takeLock(file('held.lock')))();
  });

  it.each([
    ['a process that is dead', JSON.stringify(NOBODY)],
    ['a process that was killed before it could write its mark', ''],
    ['a machine that lost its power', '\0'.repeat(64)],
  ])('that was left by %s is replaced', async (_title, content) => {
    const lock = left('left.lock', content);
    const release = await takeLock(lock);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual(ownMark());
    release();
    expect(readdirSync(dirname(lock)).filter((name) => name.startsWith('left'))).toEqual([]);
  });

  it.each(['# yarn lockfile v1\n', '{"pid":"4711"}', '[]', '{"name":"mine"'])(
    'is not made in the place of a file that is none: %j',
    async (content) => {
      const lock = left('foreign.lock', content);
      expect(await rejection(takeLock(lock))).toMatchObject({ name: 'ForeignLockError' });
      expect(readFileSync(lock, 'utf8')).toBe(content);
      expect(existsSync(file('foreign.lock.next'))).toBe(false);
    },
  );

  it("that cannot be read is somebody else's, who may run", async () => {
    mkdirSync(file('folder.lock'));
    expect(await rejection(takeLock(file('folder.lock')))).toMatchObject({ name: 'LockedError', pid: undefined });
    expect(existsSync(file('folder.lock.next'))).toBe(false);
  });

  it('is replaced though one that replaced it was killed as well', async () => {
    const lock = left('twice.lock', JSON.stringify(NOBODY));
    left('twice.lock.next', JSON.stringify(NOBODY));
    (await takeLock(lock))();
    expect(readdirSync(dirname(lock)).filter((name) => name.startsWith('twice'))).toEqual([]);
  });

  it('that was left has one new owner, however many want it at once', async () => {
    left('wanted.lock', JSON.stringify(NOBODY));
    const many = Array.from({ length: 6 }, () =>
      kept(
        spawn(process.execPath, ['--input-type=module', '-e', holder('wanted.lock')], {
          stdio: ['pipe', 'pipe', 'ignore'],
        }),
      ),
    );
    const said = await Promise.all(
      many.map(
        (one) =>
          new Promise<string>((resolve) => {
            one.stdout.once('data', (text: Buffer) => resolve(text.toString()));
            one.once('exit', () => resolve('refused'));
          }),
      ),
    );
    expect(said.toSorted()).toEqual(['has it', 'refused', 'refused', 'refused', 'refused', 'refused']);
    const ends = many.filter(({ exitCode }) => exitCode === null).map((one) => once(one, 'exit'));
    for (const one of many) one.kill('SIGKILL');
    await Promise.all(ends);
  });

  it('that another has replaced since it was looked at is left to that one', async () => {
    const lock = left('late.lock', JSON.stringify(NOBODY));
    jest.spyOn(process, 'kill').mockImplementation((pid) => {
      if (pid === process.ppid) return true;
      left('late.lock', JSON.stringify({ pid: process.ppid }));
      throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
    });
    const error = await rejection(takeLock(lock));
    expect(error).toMatchObject({ name: 'LockedError', pid: process.ppid });
    expect(readdirSync(dirname(lock)).filter((name) => name.startsWith('late'))).toEqual(['late.lock']);
  });

  /** A program that has the lock until it is killed, or its stdin ends. */
  function holder(name: string): string {
    return `import { takeLock } from ${LOCK_MODULE};
      await takeLock(${JSON.stringify(file(name))});
      process.stdout.write('has it');
      process.stdin.resume();`;
  }
});

onLinux.describe('the mark of a process', () => {
  it('is not that of a later one with the same pid', () => {
    const parent = { pid: process.ppid };
    expect(runsElsewhere(parent)).toBe(true);
    expect(runsElsewhere({ ...parent, began: 'some other time' })).toBe(false);
    expect(runsElsewhere(ownMark())).toBe(true);
    expect(runsElsewhere({ pid: process.pid })).toBe(false);
    expect(runsElsewhere(NOBODY)).toBe(false);
  });

  it('is that of a dead one while its parent has not waited for it', async () => {
    // The shell becomes a program that never waits for what the shell has started.
    const parent = kept(
      spawn('bash', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const pid = Number(
      await new Promise((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(text.toString()))),
    );
    const isZombie = (): boolean => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    await until('it is a zombie', isZombie);
    expect(runsElsewhere({ pid })).toBe(false);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});
