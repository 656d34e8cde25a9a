import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import { MARKS_SIZE } from '../../wire/marks.js';

const NO_MARKS = new Uint8Array(MARKS_SIZE);

/** A file without a name that this process and its children share: each child has a place for its marks in it. */
export class MarksFile {
  readonly fd: number;
  readonly #free: number[] = [];
  #size = 0;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Undefined if no file can be made. */
  static open(): MarksFile | undefined {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(tmpdir(), 'forkpool-'));
      return new MarksFile(openSync(join(folder, 'marks'), 'wx+', 0o600));
    } catch (error) {
      failure = error;
      return undefined;
    } finally {
      if (folder !== undefined) removeFolder(folder);
    }
  }

  /** The position of a place; undefined if the disk is full. Written now, so that no mark needs disk space later. */
  take(): number | undefined {
    const position = this.#free.pop() ?? this.#size;
    try {
      const written = writeSync(this.fd, NO_MARKS, 0, MARKS_SIZE, position);
      if (written < MARKS_SIZE) throw new Error('no space left');
    } catch (error) {
      failure = error;
      return undefined;
    }
    this.#size = Math.max(this.#size, position + MARKS_SIZE);
    return position;
  }

  /** Its child has gone. */
  giveBack(position: number): void {
    this.#free.push(position);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Why the last file or place could not be had. */
let failure: unknown;
let warned = false;

/** Warns, once per program, that a child runs without marks. If no child can be started, that says enough. */
export function warnOfNoMarks(): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `No marks of children can be kept in ${tmpdir()} (${messageOf(failure)}): one that dies may take all tasks that it was ` +
      'given with it, and none can be taken back from one that is busy',
    { code: 'FORKPOOL_NO_MARKS' },
  );
}

/** With no descriptor left, no folder can be listed: names what is in it. */
function removeFolder(folder: string): void {
  try {
    unlinkSync(join(folder, 'marks'));
  } catch {
    // It was never made.
  }
  rmdirSync(folder);
}
