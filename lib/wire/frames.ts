// The global `Buffer` is a getter, which is called each time.
import { Buffer } from 'node:buffer';
import { decode, encode } from './codec.js';
import {
  formatAt,
  HEADER,
  JSON_FORMAT,
  lengthAt,
  NUMBERS_FORMAT,
  ROOM,
  V8_FORMAT,
  viewsAt,
  writeHeader,
} from './frame-header.js';
import type { Command, Report } from './messages.js';
import { withLists } from './lists.js';
import { fromNumberFrames } from './number-frames.js';
import { numberRun } from './number-run.js';
import { whilePacked } from './numbers.js';
import { plainMessage, plainText, UTF8_BYTES } from './plain.js';

/*
 * Messages on a pipe, one after the other:
 *
 *   ┌────────────────┬──────────────────┬───────────┬──────┬────────────────────────┬──────┬──────┐
 *   │ length of the  │ number of its    │ format:   │ text │ length of each view:   │ view │ view │ …
 *   │ text: 4 bytes  │ views: 2 bytes   │ 2 bytes   │      │ 4 bytes                │      │      │
 *   └────────────────┴──────────────────┴───────────┴──────┴────────────────────────┴──────┴──────┘
 *
 * The text is JSON if a message is small and plain, which is most of them when tasks travel one by one: 4 times as fast
 * as the serializer, whose objects have to be collected too. Large views lie behind it uncopied: they are written from where
 * they are, and read to where they will be.
 *
 * Outcomes that are answered together and are all numbers, or all undefined, have a frame of numbers instead of a text, each 8
 * bytes as the machine has them: the first task, the ms of all, how many they are, the first task of their chunk; then the
 * outcomes.
 */
const NO_HEADER = new Uint8Array(HEADER);
const NO_BYTES = Buffer.alloc(0);

/** Must fit into the 16 bits of the header. */
const MOST_VIEWS = 4096;

/** The pieces of a message, to be written in this order. Throws the reason if it cannot be encoded. */
export function framed(message: Command | Report): Uint8Array[] {
  const numbers = numberFrame(message);
  if (numbers !== undefined) return [numbers];
  const text = plainText(message);
  return text === undefined ? serialized(message) : [json(text)];
}

/**
 * Writes a message into `room` if it is JSON that fits whatever its characters are, or a frame of numbers that fits. Returns its
 * bytes; 0 for any other.
 */
export function putInto(room: Buffer, message: Command | Report): number {
  const numbers = numberFrame(message, room);
  if (numbers !== undefined) return numbers.length;
  const text = plainText(message);
  if (text === undefined) return 0;
  if (HEADER + UTF8_BYTES * text.length > room.length) return 0;
  const length = room.write(text, HEADER);
  writeHeader(room, length, 0, JSON_FORMAT);
  return HEADER + length;
}

function numberFrame(message: Command | Report, room?: Buffer): Buffer | undefined {
  const frame = numberRun(message, HEADER, room);
  if (frame !== undefined) writeHeader(frame, frame.byteLength - HEADER, 0, NUMBERS_FORMAT);
  return frame;
}

function json(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEADER + length);
  writeHeader(frame, length, 0, JSON_FORMAT);
  frame.write(text, HEADER);
  return frame;
}

function serialized(message: Command | Report): Uint8Array[] {
  const views: Uint8Array[] = [];
  const separateViews = { head: NO_HEADER, views, most: MOST_VIEWS };
  const frame = whilePacked(() => encode(withLists(message), undefined, separateViews));
  writeHeader(frame, frame.byteLength - HEADER, views.length, V8_FORMAT);
  return views.length === 0 ? [frame] : [frame, lengthsOf(views), ...views];
}

function lengthsOf(views: readonly Uint8Array[]): Buffer {
  const table = Buffer.allocUnsafe(4 * views.length);
  views.forEach(({ byteLength }, at) => table.writeUInt32LE(byteLength, 4 * at));
  return table;
}

/** Puts messages together again from the bytes of a pipe, as `onread` of a socket. */
export class FrameReader {
  readonly #deliver: (message: unknown) => void;
  readonly #garbled: (error: unknown) => void;
  readonly #room = Buffer.allocUnsafeSlow(ROOM);
  readonly #headers = new DataView(this.#room.buffer);
  /** Bytes that were read and not delivered lie in the room from here ... */
  #from = 0;
  /** ... up to here. */
  #to = 0;
  /** The message that has come only in part, if it does not fit into the room. */
  #large: LargeMessage | undefined;
  /** Nobody knows any more where a message begins. */
  #lost = false;

  /** `garbled` hears of bytes that cannot be read. If they were no message at all, whatever comes behind them is dropped. */
  constructor(deliver: (message: unknown) => void, garbled: (error: unknown) => void) {
    this.#deliver = deliver;
    this.#garbled = garbled;
  }

  /** Where the pipe's next bytes go. */
  readonly buffer = (): Uint8Array =>
    this.#large?.space ?? (this.#to === 0 ? this.#room : this.#room.subarray(this.#to));

  /** `count` bytes have come there. */
  readonly callback = (count: number): boolean => {
    if (this.#lost) return true;
    if (this.#large === undefined) {
      this.#to += count;
      this.#deliverSmall();
    } else if (this.#large.filled(count)) this.#deliverLarge(this.#large);
    return true;
  };

  /** Delivers all messages that lie whole in the room. The beginning of the next one moves to its start. */
  #deliverSmall(): void {
    while (this.#to - this.#from >= HEADER) {
      const text = lengthAt(this.#headers, this.#from);
      const views = viewsAt(this.#headers, this.#from);
      const format = formatAt(this.#headers, this.#from);
      if (!isHeader(format, views)) return this.#lose();
      const start = this.#from + HEADER;
      if (views > 0 || HEADER + text > ROOM) {
        this.#beginLarge(start, new LargeMessage(format, text, views, this.#room));
        continue;
      }
      if (start + text > this.#to) break;
      const from = this.#from;
      this.#from = start + text;
      if (format === NUMBERS_FORMAT) this.#readNumbers(from);
      else this.#read(format, this.#room, start, start + text);
    }
    this.#room.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
  }

  /** Somebody else has written to the pipe: a task may write to any descriptor. */
  #lose(): void {
    this.#lost = true;
    this.#from = this.#to = 0;
    const cause = 'something wrote to its descriptor, probably the task';
    this.#garbled(new Error(`The pipe of a child carried bytes that are no message: ${cause}`));
  }

  /** Reads the frame of numbers that begins there, and those behind it that continue it. */
  #readNumbers(from: number): void {
    let report: Report;
    try {
      const read = fromNumberFrames(this.#room.subarray(from, this.#to));
      this.#from = from + read.bytes;
      report = read.report;
    } catch (error) {
      return this.#garbled(error);
    }
    this.#deliver(report);
  }

  /** The part of it that has come lies in the room, from `start` on. */
  #beginLarge(start: number, large: LargeMessage): void {
    this.#from = start;
    this.#large = large;
    while (this.#from < this.#to) {
      const count = this.#room.copy(large.space, 0, this.#from, this.#to);
      this.#from += count;
      if (large.filled(count)) return this.#deliverLarge(large);
    }
  }

  #deliverLarge({ format, text, views, failure }: LargeMessage): void {
    this.#large = undefined;
    if (failure === undefined) this.#read(format, text, 0, text.length, views);
    else this.#garbled(failure);
  }

  /** Reads a message whose text lies in `bytes`. */
  #read(format: number, bytes: Buffer, start: number, end: number, views?: readonly Uint8Array[]): void {
    let message: unknown;
    try {
      message = decoded(format, bytes, start, end, views);
    } catch (error) {
      return this.#garbled(error);
    }
    this.#deliver(message);
  }
}

/** Whether a message may begin with these. Only those of the serializer have separate views. */
function isHeader(format: number, views: number): boolean {
  if (views > 0) return format === V8_FORMAT && views <= MOST_VIEWS;
  return format === JSON_FORMAT || format === NUMBERS_FORMAT || format === V8_FORMAT;
}

/**
 * A message that is read straight to where it will stay: its text, the lengths of its views, then the views. Pieces for which
 * there is no memory are read all the same, to nowhere: other messages come behind them.
 */
class LargeMessage {
  readonly format: number;
  readonly text: Buffer;
  readonly views: Buffer[] = [];
  /** Why there is no memory for some of it. */
  failure: unknown;
  readonly #nowhere: Buffer;
  /** The pieces yet to come, in this order. */
  readonly #pieces: Piece[] = [];
  #filled = 0;

  constructor(format: number, text: number, views: number, nowhere: Buffer) {
    this.format = format;
    this.#nowhere = nowhere;
    this.text = this.#await(text);
    if (views > 0) this.#pieces.push({ length: 4 * views, bytes: Buffer.allocUnsafe(4 * views) });
  }

  get space(): Buffer {
    const { bytes, length } = this.#pieces[0] as Piece;
    return bytes.length === length ? bytes.subarray(this.#filled) : this.#nowhere.subarray(0, length - this.#filled);
  }

  /** True when the message is whole. */
  filled(count: number): boolean {
    this.#filled += count;
    const [{ bytes, length }] = this.#pieces as [Piece];
    if (this.#filled < length) return false;
    this.#filled = 0;
    this.#pieces.shift();
    if (bytes !== this.text && this.views.length === 0) this.#awaitViews(bytes);
    return this.#pieces.length === 0;
  }

  #awaitViews(lengths: Buffer): void {
    for (let at = 0; at < lengths.length; at += 4) this.views.push(this.#await(lengths.readUInt32LE(at)));
  }

  /** Makes memory for the next piece; none if there is not as much. */
  #await(length: number): Buffer {
    let bytes: Buffer = NO_BYTES;
    try {
      bytes = Buffer.allocUnsafeSlow(length);
    } catch (error) {
      this.failure ??= error;
    }
    this.#pieces.push({ length, bytes });
    return bytes;
  }
}

/** A part of a message that comes whole. */
interface Piece {
  readonly length: number;
  /** Where it goes; empty if there is no memory for it. */
  readonly bytes: Buffer;
}

function decoded(
  format: number,
  bytes: Buffer,
  start: number,
  end: number,
  views: readonly Uint8Array[] | undefined,
): unknown {
  if (format === JSON_FORMAT) return plainMessage(bytes.toString(undefined, start, end));
  return decode(bytes.subarray(start, end), [], views);
}
