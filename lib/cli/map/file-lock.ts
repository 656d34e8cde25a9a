import { closeSync, openSync, readFileSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ownMark, runsElsewhere, type ProcessMark } from './process-mark.js';

/** A lock that a process which runs has already; or somebody's that cannot be read, so that nobody knows. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly pid: number | undefined;

  constructor(lock: string, pid: number | undefined, options?: ErrorOptions) {
    super(`${pid === undefined ? 'Somebody' : `Process ${pid}`} has the lock ${lock}`, options);
    this.pid = pid;
  }
}

/** Whoever makes a lock writes its mark at once; so long it may be on its way. */
const WRITTEN_MS = 200;
const ASK_MS = 20;

/**
 * Makes the file `lock` with the mark of this process in it, which no two processes can. One that a process left which runs
 * no more is replaced; to let one alone replace it, that has a lock of its own, made in the same way. Returns what removes
 * it.
 *
 * @throws LockedError
 */
export async function takeLock(lock: string): Promise<() => void> {
  while (!isMade(lock)) {
    const owner = await ownerOf(lock);
    if (owner === 'gone') continue;
    if (owner !== 'nobody' && runsElsewhere(owner)) throw new LockedError(lock, owner.pid);
    const successor = `${lock}.next`;
    const release = await takeLock(successor);
    // Another may have replaced it before this one was let in.
    if (isDeepStrictEqual(await ownerOf(lock), owner)) {
      try {
        renameSync(successor, lock);
      } catch (error) {
        release();
        throw error;
      }
      break;
    }
    release();
  }
  return () => rmSync(lock, { force: true });
}

/** False where there is one. */
function isMade(lock: string): boolean {
  let file: number;
  try {
    file = openSync(lock, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, `${JSON.stringify(ownMark())}\n`);
  } catch (error) {
    unlinkSync(lock);
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

/** `nobody`: its maker was killed before it could say its name, or the machine lost its power. */
async function ownerOf(lock: string): Promise<ProcessMark | 'nobody' | 'gone'> {
  for (let waited = 0; waited < WRITTEN_MS; waited += ASK_MS) {
    try {
      const mark = JSON.parse(readFileSync(lock, 'utf8')) as ProcessMark | null;
      if (typeof mark?.pid === 'number') return mark;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return 'gone';
      if (code !== undefined) throw new LockedError(lock, undefined, { cause: error });
    }
    await delay(ASK_MS);
  }
  return 'nobody';
}
