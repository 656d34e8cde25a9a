import { inspected } from '../lib/errors.js';
import { writeSync } from '../lib/wire/originals.js';

/**
 * Makes stdout and stderr write at once if they are pipes, so that `process.exit`, a crash or a signal in a task loses
 * nothing that was written before. The streams are made when they are first used; making them here would cost each child
 * a millisecond.
 *
 * Not by a blocking descriptor: whether it blocks belongs to the pipe, and each process that shares it (the master,
 * the other workers) makes it non-blocking again with its own first word. On Windows, Node's own writes are at once.
 */
export function writeAtOnce(): void {
  if (process.platform === 'win32') return;
  for (const name of ['stdout', 'stderr'] as const) {
    const getter: { get?: unknown } | undefined = Object.getOwnPropertyDescriptor(process, name);
    const make = getter?.get as ((this: NodeJS.Process) => NodeJS.WriteStream) | undefined;
    if (make === undefined) continue;
    Object.defineProperty(process, name, {
      ...getter,
      get(): NodeJS.WriteStream {
        const stream = make.call(process) as NodeJS.WriteStream & { readonly fd: number };
        // Only pipes and sockets have a handle and are not a terminal: Node writes to files and terminals at once.
        if ('_handle' in stream && !stream.isTTY) {
          // Without `_writev`, what was corked comes to `_write` too.
          Object.assign(stream, { _write: writerTo(stream.fd), _writev: undefined });
        }
        Object.defineProperty(process, name, { ...getter, get: () => stream });
        return stream;
      },
    });
  }
}

type Write = (data: Uint8Array | string, encoding: BufferEncoding, done: (error?: Error) => void) => void;

function writerTo(descriptor: number): Write {
  return (data, encoding, done) => {
    try {
      writeAll(descriptor, typeof data === 'string' ? Buffer.from(data, encoding) : data);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
}

/** Returns when the pipe has taken all of it, however slowly it is read. */
function writeAll(descriptor: number, data: Uint8Array): void {
  let from = 0;
  let ms = FULL_MS;
  while (from < data.length) {
    try {
      from += writeSync(descriptor, data, from);
      ms = FULL_MS;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(NEVER, 0, 0, ms);
      ms = Math.min(2 * ms, LONG_FULL_MS);
    }
  }
}

/** How long to wait before a full pipe is tried again: at first, and when it has long been full; ms. */
const FULL_MS = 1;
const LONG_FULL_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Writes an error to stderr, whatever was thrown. */
export function printError(words: string, error: unknown): void {
  process.stderr.write(`${words} ${inspected(error)}\n`);
}
