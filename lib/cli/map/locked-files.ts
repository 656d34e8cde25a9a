import { ownPath } from '../file-identity.js';
import { mayBeFile } from '../output/may-be-file.js';
import { FileSink, OutputError } from '../output/sink.js';
import { shownName } from '../start-folder.js';
import { UsageError } from '../usage-error.js';
import { ForeignLockError, LockedError, takeLock } from './file-lock.js';
import type { FileNames } from './files.js';
import { notOurs } from './not-ours.js';

/**
 * Keeps other runs from writing to the files of this one: two at once would tear each other's lines. Returns a function that
 * releases them, which the end of the program does too. Replaces the lock of a run that was killed.
 *
 * @throws UsageError when another run writes to one of them; OutputError when one cannot be written to
 */
export async function lockFiles({ output, errors }: FileNames): Promise<() => void> {
  const held: (() => void)[] = [];
  const release = (): void => held.splice(0).forEach((letGo) => letGo());
  process.once('exit', release);
  try {
    for (const name of [output, errors]) {
      if (name !== undefined) held.push(await locked(name));
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

async function locked(name: string): Promise<() => void> {
  // A pipe or a device takes what comes, and the reader of a pipe would take a first opening and closing for its end.
  if (!(await mayBeFile(name))) return () => {};
  await FileSink.check(name);
  const lock = lockName(name);
  try {
    return await takeLock(lock);
  } catch (error) {
    if (error instanceof LockedError) throw inUse(name, lock, error);
    if (error instanceof ForeignLockError) throw notOurs(name, 'lock', lock);
    // In a folder in which no file can be made, an existing file may still be written to.
    if (UNLOCKABLE.has((error as NodeJS.ErrnoException).code ?? '')) return () => {};
    throw new OutputError(`${shownName(name)}.lock`, error as NodeJS.ErrnoException);
  }
}

/** If the name is a link's, the lock is beside the file itself. */
export function lockName(name: string): string {
  return `${ownPath(name)}.lock`;
}

const UNLOCKABLE = new Set(['EACCES', 'EPERM', 'EROFS']);

function inUse(name: string, lock: string, error: LockedError): UsageError {
  const { pid } = error;
  const told =
    pid === undefined
      ? `its lock cannot be read, so another run may write to it. If none does, delete ${lock}`
      : `another run writes to it, process ${pid}. Wait for its end, or end it (kill ${pid}) and go on with --resume. If process ${pid} is something else, delete ${lock}`;
  return new UsageError(`Cannot write ${shownName(name)}: ${told}`, { cause: error });
}
