import { closeSync, openSync, readFileSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ownMark, runsElsewhere, type ProcessMark } from './process-mark.js';

/** A running process has the lock already; or it cannot be read, so that nobody knows. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly pid: number | undefined;

  constructor(lock: string, pid: number | undefined, options?: ErrorOptions) {
    super(`${pid === undefined ? 'Somebody' : `Process ${pid}`} has the lock ${lock}`, options);
    this.pid = pid;
  }
}

/** A file that is not a lock at all. */
export class ForeignLockError extends Error {
  override readonly name = 'ForeignLockError';

  constructor(lock: string) {
    super(`${lock} is not a lock, but somebody else's file`);
  }
}

/** Whoever makes a lock writes its mark at once, which may take this long. */
const WRITTEN_MS = 200;
const ASK_MS = 20;

/**
 * Makes the file `lock` with the mark of this process in it, which no two processes can. Replaces a lock whose process no longer
 * runs; so that only one process does so, this takes a lock of its own, made in the same way. Returns a function that removes the
 * lock.
 *
 * @throws LockedError, ForeignLockError
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

/** False if there is one already. */
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

/** `nobody`: its maker was killed before it wrote its mark, or the machine lost its power. */
async function ownerOf(lock: string): Promise<ProcessMark | 'nobody' | 'gone'> {
  let text: string | undefined;
  for (let waited = 0; waited < WRITTEN_MS; waited += ASK_MS) {
    text = textOf(lock);
    if (text === undefined) return 'gone';
    const mark = markIn(text);
    if (mark !== undefined) return mark;
    await delay(ASK_MS);
  }
  // Zeros are what a disk has kept of a mark that was never synced.
  if (text?.replaceAll('\0', '') !== '') throw new ForeignLockError(lock);
  return 'nobody';
}

/** Undefined if there is none. */
function textOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LockedError(lock, undefined, { cause: error });
  }
}

function markIn(text: string): ProcessMark | undefined {
  try {
    const mark = JSON.parse(text) as ProcessMark | null;
    return typeof mark?.pid === 'number' ? mark : undefined;
  } catch {
    return undefined;
  }
}
