import type { ChildProcess } from 'node:child_process';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { framed, FrameReader } from '../../wire/frames.js';
import { isReport, noReport } from '../../wire/is-report.js';
import type { Command } from '../../wire/messages.js';
import type { ConnectionListener } from '../transport.js';

/*
 * A child's own pipes, one in each direction, beside the IPC channel that `fork` makes. The channel's serializer, which would
 * wrap our bytes again, its ticks and its chunks cost more than a small task: here a call takes 0.5 times the CPU, 1 MiB
 * there and back 0.3 times the time (measured).
 */

/** The master's ends of a child's pipes. */
export class Pipes {
  readonly #down: Socket;
  readonly #up: Socket;

  /** `down` and `up`: their places in the child's `stdio`. */
  constructor({ stdio }: ChildProcess, down: number, up: number, listener: ConnectionListener) {
    this.#down = stdio[down] as Socket;
    const reader = new FrameReader(
      (message) => (isReport(message) ? listener.report(message) : listener.garbled(noReport())),
      (error) => listener.garbled(error),
    );
    this.#up = readWith(stdio[up] as Socket, reader);
    // Brings only its end, when the child has closed it, and whatever a task writes to its descriptor.
    this.#down.resume();
    for (const socket of [this.#down, this.#up]) {
      socket.unref();
      // A child that dies resets them; its exit says all there is to say.
      socket.on('error', () => {});
    }
  }

  /** Whether it has yet to take what was sent. */
  get congested(): boolean {
    return this.#down.writableLength > 0;
  }

  /** Returns the bytes sent; 0 when the child is gone. Throws when the command cannot be encoded. */
  send(command: Command): number {
    const pieces = this.congested ? withCopiedViews(framed(command)) : framed(command);
    if (!this.#down.writable) return 0;
    if (pieces.length > 1) this.#down.cork();
    let bytes = 0;
    for (const piece of pieces) {
      this.#down.write(piece);
      bytes += piece.byteLength;
    }
    if (pieces.length > 1) this.#down.uncork();
    return bytes;
  }

  /** Calls back once, when the child can be told nothing more: usually at its end. */
  onDeaf(callback: () => void): void {
    this.#down.once('close', callback);
  }

  /** Calls back once, when all that the child has written was read. */
  onEnd(callback: () => void): void {
    this.#up.once('close', callback);
  }

  /** Reads no more: some other process may still hold the child's end. */
  close(): void {
    this.#down.destroy();
    this.#up.destroy();
  }
}

/** Before a message's views come its text and their lengths, which are ours. */
const FIRST_VIEW = 2;

/**
 * Copies views that cannot be written now: if their memory were moved elsewhere meanwhile, the child would wait for bytes
 * that never come, and take all that follows for them.
 */
function withCopiedViews(pieces: Uint8Array[]): Uint8Array[] {
  return pieces.map((piece, at) => (at < FIRST_VIEW ? piece : piece.slice()));
}

/**
 * A socket that reads straight into the reader's buffer. The one that `fork` makes reads chunks of 64 KiB, which would have to
 * be put together: 0.6 times as fast for 1 MiB (measured). Node has no public way to give it `onread`; if its handle cannot be had,
 * it reads chunks.
 */
function readWith(socket: Socket, reader: FrameReader): Socket {
  const of = socket as Socket & { _handle?: unknown };
  const handle = of._handle;
  if (handle === null || handle === undefined) return socket.on('data', (chunk: Buffer) => copyTo(reader, chunk));
  // Otherwise the old socket would close the handle when the child exits, before everything is read.
  of._handle = null;
  // Node's types do not have `handle`.
  return new Socket({ handle, readable: true, writable: false, onread: reader } as SocketConstructorOpts);
}

function copyTo(reader: FrameReader, chunk: Buffer): void {
  for (let at = 0; at < chunk.length;) {
    const count = chunk.copy(reader.buffer(), 0, at);
    at += count;
    reader.callback(count);
  }
}
