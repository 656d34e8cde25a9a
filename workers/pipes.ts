import { Socket, type SocketConstructorOpts } from 'node:net';
import { framed, FrameReader, putInto } from '../lib/wire/frames.js';
import type { Command, Report } from '../lib/wire/messages.js';
import { writeSync } from '../lib/wire/originals.js';

/** Bytes; most reports are much smaller. */
const SMALL_REPORT_BYTES = 4096;

export interface PipesListener {
  command(command: Command): void;
  /** A command could not be read. */
  readonly garbled: (error: unknown) => void;
  /** Nobody hears it any more. */
  readonly gone: () => never;
}

/** A child's ends of its pipes, by their descriptors; see `lib/local/child/pipes.ts`. */
export class Pipes {
  readonly #up: number;
  readonly #gone: () => never;
  /** For small reports: each is out before the next comes. */
  readonly #room = Buffer.allocUnsafeSlow(SMALL_REPORT_BYTES);

  constructor(down: number, up: number, listener: PipesListener) {
    this.#up = up;
    this.#gone = listener.gone;
    const reader = new FrameReader((message) => listener.command(message as Command), listener.garbled);
    // Node's types have `onread` for `connect` alone; its documentation has it here too.
    const options = { fd: down, readable: true, writable: false, onread: reader } as SocketConstructorOpts;
    new Socket(options).once('close', listener.gone).on('error', listener.gone);
  }

  /**
   * Writes a report, however long the master takes to read it. It is out when this returns: a task may then exit or change
   * what it returned, and outcomes do not pile up here. Returns the bytes. Throws if it cannot be encoded.
   */
  send(report: Report): number {
    const small = putInto(this.#room, report);
    if (small > 0) return this.#write(this.#room, small);
    let bytes = 0;
    for (const piece of framed(report)) bytes += this.#write(piece, piece.byteLength);
    return bytes;
  }

  #write(piece: Uint8Array, length: number): number {
    try {
      // This end blocks: Node makes only ends that it reads itself non-blocking. 0 is left out, as in `fileMarks`.
      for (let at = 0; at < length;) at += writeSync(this.#up, piece, at || undefined, length - at);
    } catch {
      return this.#gone();
    }
    return length;
  }
}
