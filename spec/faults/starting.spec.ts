import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, run } from '../fixtures/run-program.js';
import { leavesNoChild, temporaryFiles, where } from '../helpers.js';

// What the system refuses. ENOMEM of fork itself cannot be had at will; E2BIG takes its way: `fork` throws at once.

leavesNoChild();

const file = temporaryFiles();

const isRoot = process.getuid?.() === 0;

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'forkpool-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** A user that exists nowhere else, so that its processes can be counted, and that may read what root may. */
const ANOTHER_USER = [
  'setpriv',
  '--reuid=54321',
  '--clear-groups',
  '--inh-caps=+dac_override,+dac_read_search',
  '--ambient-caps=+dac_override,+dac_read_search',
  '--bounding-set=-all,+dac_override,+dac_read_search',
  'prlimit',
  '--nproc=500:500',
];

describe('a pool whose user may start no more processes (EAGAIN)', () => {
  where(
    process.platform === 'linux' && isRoot && has('setpriv') && has('prlimit'),
    'needs root, setpriv and prlimit',
  ).it('breaks with a typed error, or goes on with the workers it has and is whole when it may', async () => {
    const { stdout, stderr, code } = await run([program('no-processes.js')], { through: ANOTHER_USER });
    expect([code, stderr]).toEqual([0, '']);
    const refused = { name: 'WorkerStartError', code: 'ERR_WORKER_START', cause: 'EAGAIN' };
    expect(JSON.parse(stdout)).toEqual({
      pending: refused,
      later: refused,
      paused: true,
      // The first two together, and then one after the other.
      tries: 4,
      goesOn: [1, 4, 9],
      workers: 1,
      healed: [16, 25, 36],
    });
  });
});

describe('a program whose folder for temporary files', () => {
  /** It runs its tasks, stops those that are late, and says once what it cannot do. */
  async function expectToRunIn(folder: string): Promise<void> {
    const { stdout, stderr, code } = await run(['--no-warnings', program('full-disk.js')], { env: { TMPDIR: folder } });
    expect([code, stderr]).toEqual([0, '']);
    const codes = ['FORKPOOL_NO_MARKS'];
    expect(JSON.parse(stdout)).toEqual({ squares: [1, 4, 9], stuck: 'ERR_TASK_TIMEOUT', died: 0, codes });
  }

  it('is not there runs its tasks, stops those that are late, and says that it has no marks', async () => {
    await expectToRunIn(file('nowhere'));
  });

  where(process.platform === 'linux' && isRoot && canMount(), 'needs root and mount').it(
    'is full does so too',
    async () => {
      const folder = file('full');
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder]);
      try {
        execFileSync('dd', ['if=/dev/zero', `of=${join(folder, 'fill')}`, 'bs=4096', 'count=1'], { stdio: 'ignore' });
        await expectToRunIn(folder);
      } finally {
        execFileSync('umount', [folder]);
      }
    },
  );
});

describe('a program that can start no process, as fork throws at once', () => {
  where(process.platform === 'linux', 'needs the limits of Linux').it(
    'has pools without a guardian, and says so once; a pool without children breaks with a typed error',
    async () => {
      const { stdout, code } = await run(['--no-warnings', program('no-guardian.js')]);
      const refused = { name: 'WorkerStartError', code: 'ERR_WORKER_START', cause: 'E2BIG' };
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        squares: [1, 4, 9],
        codes: ['FORKPOOL_NO_GUARDIAN'],
        refused: [refused, refused],
      });
    },
  );
});

describe('a child that the kernel kills for want of memory', () => {
  const groups = '/sys/fs/cgroup/memory';
  const group = `${groups}/forkpool-spec-${process.pid}`;

  where(canLimitMemory(), 'needs root and control groups of version 1').it(
    'fails its task with outOfMemory, and no other death is taken for that',
    async () => {
      mkdirSync(group);
      try {
        writeFileSync(`${group}/memory.limit_in_bytes`, String(300 << 20));
        const through = ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh'];
        const { stdout } = await run([program('killed-for-memory.js')], { through });
        const lost = { name: 'WorkerLostError', code: 'ERR_WORKER_LOST', signal: 'SIGKILL', suspects: 1 };
        expect(JSON.parse(stdout)).toEqual({
          full: { ...lost, outOfMemory: true, says: true },
          killed: { ...lost, outOfMemory: false, says: false },
          squares: [1, 4, 9],
        });
      } finally {
        rmdirSync(group);
      }
    },
  );

  function canLimitMemory(): boolean {
    if (!isRoot || !existsSync(`${groups}/memory.limit_in_bytes`)) return false;
    try {
      mkdirSync(group);
      rmdirSync(group);
      return true;
    } catch {
      return false;
    }
  }
});
