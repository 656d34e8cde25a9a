import { decode, encode } from './codec.js';
import type { Command, Report } from './messages.js';
import { withNumbers } from './numbers.js';
import { plainMessage, plainText } from './plain.js';

/*
 * Messages on a pipe, one after the other:
 *
 *   ┌──────────────┬──────────────┬────────┬─────────────────────┬──────┬───────┬───────┐
 *   │ length of    │ number of    │ format │ length of each view │ text │ view  │ view  │ …
 *   │ the text: 4  │ its views: 2 │ 1 + 1  │ 4 bytes             │      │       │       │
 *   └──────────────┴──────────────┴────────┴─────────────────────┴──────┴───────┴───────┘
 *
 * The text is JSON where a message is small and plain, which is most of them when tasks travel one by one: 4 times as fast
 * as the serializer, whose objects have to be collected too. Large views lie behind it as they are: they are written
 * from where they are, and read to where they will be.
 */
const HEADER = 8;
const JSON_FORMAT = 1;
const V8_FORMAT = 2;

/** Views from so many bytes on travel as they are: to copy a smaller one costs less than to write another piece. */
const LARGE = 64 * 1024;
/** What is read at once, where no large message is on its way. */
const ROOM = 64 * 1024;
/** Their lengths are read in that room. */
const MOST_VIEWS = 4096;

/** The pieces of a message, to be written in this order. Throws what made it impossible to encode. */
export function framed(message: Command | Report): Uint8Array[] {
  const text = plainText(message);
  return text === undefined ? serialized(message) : [json(text)];
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
  const bytes = encode(withNumbers(message), undefined, { views, from: LARGE, most: MOST_VIEWS });
  const head = Buffer.allocUnsafe(HEADER + 4 * views.length);
  writeHeader(head, bytes.byteLength, views.length, V8_FORMAT);
  views.forEach(({ byteLength }, at) => head.writeUInt32LE(byteLength, HEADER + 4 * at));
  // Two pieces cost more to write than a small copy.
  return bytes.byteLength < LARGE ? [Buffer.concat([head, bytes]), ...views] : [head, bytes, ...views];
}

function writeHeader(frame: Buffer, length: number, views: number, format: number): void {
  frame.writeUInt32LE(length, 0);
  frame.writeUInt16LE(views, 4);
  frame.writeUInt16LE(format, 6);
}

/** Puts messages together again from what a pipe brings, as `onread` of a socket. */
export class FrameReader {
  readonly #deliver: (message: unknown) => void;
  readonly #room = Buffer.allocUnsafeSlow(ROOM);
  /** What has been read and not delivered lies in the room from here ... */
  #from = 0;
  /** ... up to here. */
  #to = 0;
  /** The message of which only a part has come, where it does not fit into the room. */
  #large: LargeMessage | undefined;

  constructor(deliver: (message: unknown) => void) {
    this.#deliver = deliver;
  }

  /** Where the pipe's next bytes go. */
  readonly buffer = (): Uint8Array =>
    this.#large?.space ?? (this.#to === 0 ? this.#room : this.#room.subarray(this.#to));

  /** So many bytes have come there. */
  readonly callback = (count: number): boolean => {
    if (this.#large === undefined) {
      this.#to += count;
      this.#deliverSmall();
    } else if (this.#large.filled(count)) this.#deliverLarge(this.#large);
    return true;
  };

  /** All messages that lie whole in the room. What is left of the next one moves to its beginning. */
  #deliverSmall(): void {
    while (this.#to - this.#from >= HEADER) {
      const text = this.#room.readUInt32LE(this.#from);
      const views = this.#room.readUInt16LE(this.#from + 4);
      const format = this.#room.readUInt16LE(this.#from + 6);
      const start = this.#from + HEADER + 4 * views;
      if (views > 0 || HEADER + text > ROOM) {
        if (start > this.#to) break;
        this.#beginLarge(format, text, views);
        continue;
      }
      if (start + text > this.#to) break;
      this.#from = start + text;
      this.#deliver(messageOf(format, this.#room.subarray(start, start + text), []));
    }
    this.#room.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
  }

  #beginLarge(format: number, text: number, views: number): void {
    const table = this.#from + HEADER;
    const lengths = Array.from({ length: views }, (_, at) => this.#room.readUInt32LE(table + 4 * at));
    const large = new LargeMessage(format, [text, ...lengths]);
    this.#from = table + 4 * views;
    this.#large = large;
    while (this.#from < this.#to) {
      const { space } = large;
      const count = this.#room.copy(space, 0, this.#from, this.#to);
      this.#from += count;
      if (large.filled(count)) return this.#deliverLarge(large);
    }
  }

  #deliverLarge({ format, pieces }: LargeMessage): void {
    this.#large = undefined;
    const [text, ...views] = pieces;
    this.#deliver(messageOf(format, text as Buffer, views));
  }
}

/** A message that is read straight to where it will stay. */
class LargeMessage {
  readonly format: number;
  readonly pieces: readonly Buffer[];
  /** Which of the pieces is being filled, and how far. */
  #piece = 0;
  #filled = 0;

  constructor(format: number, lengths: readonly number[]) {
    this.format = format;
    this.pieces = lengths.map((length) => Buffer.allocUnsafeSlow(length));
  }

  get space(): Buffer {
    return (this.pieces[this.#piece] as Buffer).subarray(this.#filled);
  }

  /** True when that was all. */
  filled(count: number): boolean {
    this.#filled += count;
    if (this.#filled < (this.pieces[this.#piece] as Buffer).length) return false;
    this.#filled = 0;
    this.#piece++;
    return this.#piece === this.pieces.length;
  }
}

function messageOf(format: number, text: Buffer, views: readonly Uint8Array[]): unknown {
  return format === JSON_FORMAT ? plainMessage(text.toString()) : decode(text, [], views);
}
