import { close, constants, fstatSync, open, read, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';

/** The bytes of an input, some at a time. */
export interface InputBytes extends AsyncIterable<Uint8Array> {
  /** Bytes read so far; undefined if nobody counts them. */
  readonly bytesRead?: number;
}

const CHUNK = 65_536;

/**
 * The bytes of a file, read when they are asked for. A stream would read ahead, and when it fails, as on a disk with a bad block,
 * it drops what it has read ahead.
 */
export class FileBytes implements InputBytes {
  readonly #file: string | number;
  bytesRead = 0;

  /** Takes a path, or an open file, which is read from where it stands and stays open. */
  constructor(file: string | number) {
    this.#file = file;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const file = typeof this.#file === 'number' ? this.#file : await promisify(open)(this.#file, flagsFor(this.#file));
    const found = fstatSync(file);
    if (isatty(file)) yield* this.#streamBytes(new ReadStream(file));
    else if (found.isFIFO() || found.isSocket()) yield* this.#streamBytes(pipeOf(file));
    else yield* this.#fileBytes(file);
  }

  async *#fileBytes(file: number): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const { bytesRead, buffer } = await promisify(read)(file, Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
        if (bytesRead === 0) return;
        this.bytesRead += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      if (file !== this.#file) await promisify(close)(file);
    }
  }

  /** Reads in the event loop: a thread that waits for a pipe or a terminal would keep the program from ending. */
  async *#streamBytes(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const bytes of stream) {
      this.bytesRead += bytes.byteLength;
      yield bytes;
    }
  }
}

/**
 * Does not wait until somebody writes to a named pipe, since the thread that waits would keep the program from ending. Only on
 * Linux: elsewhere a pipe that nobody has opened yet may look as if all had closed it.
 */
function flagsFor(file: string): number {
  const isPipe = process.platform === 'linux' && statSync(file).isFIFO();
  return isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY;
}

function pipeOf(fd: number): AsyncIterable<Uint8Array> {
  return new Socket({ fd, readable: true, writable: false });
}
