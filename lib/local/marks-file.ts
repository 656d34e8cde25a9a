import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKS_SIZE } from '../wire/marks.js';

const NO_MARKS = new Uint8Array(MARKS_SIZE);

/** A file without a name that this process and its children share: each child has a place for its marks in it. */
export class MarksFile {
  readonly fd: number;
  readonly #free: number[] = [];
  #size = 0;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** None where no temporary file can be made. */
  static open(): MarksFile | undefined {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(tmpdir(), 'forkpool-'));
      return new MarksFile(openSync(join(folder, 'marks'), 'wx+', 0o600));
    } catch {
      return undefined;
    } finally {
      if (folder !== undefined) removeFolder(folder);
    }
  }

  /** The position of a place; none where the disk is full. It is written now, so that no mark needs room on the disk later. */
  take(): number | undefined {
    const position = this.#free.pop() ?? this.#size;
    try {
      if (writeSync(this.fd, NO_MARKS, 0, MARKS_SIZE, position) < MARKS_SIZE) return undefined;
    } catch {
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

/** With no descriptor left it cannot be listed, but what is in it is known. */
function removeFolder(folder: string): void {
  try {
    unlinkSync(join(folder, 'marks'));
  } catch {
    // It was never made.
  }
  rmdirSync(folder);
}
