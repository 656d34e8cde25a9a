import { constants, fstatSync, openSync, write as writeTo } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CommandError } from '../command-error.js';
import { shownName } from '../start-folder.js';

/** Where lines go. */
export interface Sink {
  /** Whether a later run will find what was written: a pipe, a device and stdout keep nothing. */
  readonly keeps: boolean;
  /** Drops what is there after the place where writing begins. */
  cut(): Promise<void>;
  write(text: string): Promise<void>;
  /** Resolves when what was written will outlast the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Lines cannot be written: the disk is full, the file may not be opened. Exit code 1. */
export class OutputError extends CommandError {
  override readonly name = 'OutputError';

  constructor(name: string, cause: NodeJS.ErrnoException) {
    const hint = HINTS[cause.code ?? ''] ?? '';
    // A stream says `write EPIPE`.
    super(`Cannot write ${name}: ${cause.message.replace(/^write (?=E[A-Z]+$)/, '')}${hint}`, 1, { cause });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EFBIG: ' (the limit of `ulimit -f`, or of the file system)',
  ENOSPC: ' (the disk is full)',
  EPIPE: ' (whoever read it has gone)',
  EDQUOT: ' (the quota is used up)',
};

/** Nobody reads stdout any more, as after `| head`: there is nothing left to do, and nothing wrong. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** A file that is written from some place on. What is there stays until `cut`: another file may fail to open. */
export class FileSink implements Sink {
  readonly #name: string;
  readonly #file: FileHandle;
  /** Undefined for a pipe or a device, which has no places. */
  #position: number | undefined;
  #dirty = false;

  private constructor(name: string, file: FileHandle, position: number | undefined) {
    this.#name = name;
    this.#file = file;
    this.#position = position;
  }

  /** @throws OutputError */
  static async open(name: string, position: number): Promise<FileSink> {
    const shown = shownName(name);
    return guarded(shown, async () => {
      const file = await open(name, constants.O_WRONLY | constants.O_CREAT);
      const isFile = (await file.stat()).isFile();
      return new FileSink(shown, file, isFile ? position : undefined);
    });
  }

  get keeps(): boolean {
    return this.#position !== undefined;
  }

  /** Checks that it can be written to; makes it if it is not there. @throws OutputError */
  static async check(name: string): Promise<void> {
    await guarded(shownName(name), async () => (await open(name, 'a')).close());
  }

  async cut(): Promise<void> {
    if (this.#position !== undefined) await guarded(this.#name, () => this.#file.truncate(this.#position));
  }

  async write(text: string): Promise<void> {
    await guarded(this.#name, () =>
      writeAll(text, async (bytes) => {
        const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, this.#position ?? null);
        this.#dirty = true;
        if (this.#position !== undefined) this.#position += bytesWritten;
        return bytesWritten;
      }),
    );
  }

  async sync(): Promise<void> {
    if (!this.#dirty || this.#position === undefined) return;
    this.#dirty = false;
    await guarded(this.#name, () => this.#file.datasync());
  }

  async close(): Promise<void> {
    await guarded(this.#name, () => this.#file.close());
  }
}

/** A file that whoever started this program has opened: it is written where it stands, and stays open. */
export class DescriptorSink implements Sink {
  readonly keeps = false;
  readonly #name: string;
  readonly #descriptor: number;

  constructor(name: string, descriptor: number) {
    this.#name = name;
    this.#descriptor = descriptor;
  }

  async write(text: string): Promise<void> {
    await guarded(this.#name, () =>
      writeAll(text, async (bytes) => {
        // Without a position: another program, or this one by another name, may write to it too.
        const { bytesWritten } = await promisify(writeTo)(this.#descriptor, bytes, 0, bytes.length, null);
        return bytesWritten;
      }),
    );
  }

  async cut(): Promise<void> {}

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}

/** Not Node's stream for a file: that writes once, and takes a partial write, as on a disk that fills up, for a whole one. */
export function stdoutSink(): Sink {
  return fstatSync(1).isFile() ? new DescriptorSink('stdout', 1) : new StreamSink('stdout', process.stdout);
}

/** A sink for a socket that this program has open, as Node gives its children for pipes. */
export function socketSink(name: string, descriptor: number): Sink {
  const stream = descriptor === 2 ? process.stderr : new Socket({ fd: descriptor, readable: false, writable: true });
  return new StreamSink(name, stream);
}

/** How often it is asked whether somebody reads a named pipe. */
const ASK_MS = 20;

/**
 * A sink for a named pipe, once somebody reads it. A thread that waited for a reader, or for one who is slow, would keep the
 * program from ending.
 *
 * @throws OutputError
 */
export async function pipeSink(name: string): Promise<Sink> {
  const fd = await guarded(shownName(name), async () => {
    for (;;) {
      try {
        return openSync(name, constants.O_WRONLY | constants.O_NONBLOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      }
      await delay(ASK_MS);
    }
  });
  return new StreamSink(shownName(name), new Socket({ fd, readable: false, writable: true }));
}

/** Writes to a stream itself, whatever is put in place of its `write`, as by `divertStdout`. */
class StreamSink implements Sink {
  readonly keeps = false;
  readonly #name: string;
  readonly #write: (text: string, done: (error?: Error | null) => void) => unknown;

  constructor(name: string, stream: Writable) {
    this.#name = name;
    const write = Reflect.get(stream, 'write') as Writable['write'];
    this.#write = write.bind(stream);
    // The callback of the write says the same.
    stream.on('error', () => {});
  }

  async write(text: string): Promise<void> {
    if (text === '') return;
    await new Promise<void>((resolve, reject) => {
      this.#write(text, (error) => (error ? reject(failureOf(this.#name, error)) : resolve()));
    });
  }

  async cut(): Promise<void> {}

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}

/** A sink for what is not wanted. */
export const NO_SINK: Sink = {
  keeps: false,
  async cut() {},
  async write() {},
  async sync() {},
  async close() {},
};

/** The reader of a named pipe, such as that of `--errors`, is a part of the work, and was to have all of it. */
function failureOf(name: string, error: NodeJS.ErrnoException): Error {
  const isGone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
  return isGone && name === 'stdout' ? new ReaderGone('Nobody reads stdout any more') : new OutputError(name, error);
}

/** `some` may write less than it is given, and returns how much. */
async function writeAll(text: string, some: (bytes: Uint8Array) => Promise<number>): Promise<void> {
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(await some(rest));
}

async function guarded<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new OutputError(name, error as NodeJS.ErrnoException);
  }
}
