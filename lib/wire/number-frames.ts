import { formatAt, HEADER, lengthAt, NUMBERS_FORMAT, ROOM } from './frame-header.js';
import { TINY_MS, type Report } from './messages.js';
import { MOST_NUMBERS, RUN_FIELDS } from './number-run.js';

/** Numbers of a frame before its values. */
const BEFORE_VALUES = HEADER / 8 + RUN_FIELDS;

/** Created on first use: a child reads none. */
let reader: NumberFrames | undefined;

/**
 * Reads frames of numbers that lie one behind the other, and says how many bytes they take. Frames of consecutive tiny tasks of
 * one chunk become one run. A map of a million numbers is answered in 4,000 frames, some ten of which lie in the pipe when the
 * master comes to read it: a program's first one takes 0.6 of the master's CPU this way (measured). Throws if the first frame is
 * not whole or not of numbers.
 */
export function fromNumberFrames(frames: Uint8Array): { readonly report: Report; readonly bytes: number } {
  return (reader ??= new NumberFrames()).read(frames);
}

/** A place is the position of a number among those that were read. */
class NumberFrames {
  /** Frames are copied here: they may lie anywhere in memory, but numbers only at multiples of 8 bytes. */
  readonly #numbers = new Float64Array(ROOM / 8);
  readonly #bytes = new Uint8Array(this.#numbers.buffer);
  readonly #headers = new DataView(this.#numbers.buffer);

  read(frames: Uint8Array): { readonly report: Report; readonly bytes: number } {
    this.#bytes.set(frames);
    const to = Math.floor(frames.byteLength / 8);
    const stored = this.#storedAt(0, to);
    if (stored < 0) throw new RangeError('A frame of numbers is not whole');
    const first = this.#at(1);
    let ms = this.#at(2);
    let count = this.#at(3);
    let end = BEFORE_VALUES + stored;
    while (ms < TINY_MS * count && this.#follows(end, to, first + count, stored === 0)) {
      const more = this.#at(end + 3);
      ms += this.#at(end + 2);
      count += more;
      end += BEFORE_VALUES + (stored === 0 ? 0 : more);
    }
    const values = stored === 0 ? Array<undefined>(count).fill(undefined) : this.#listFrom(count, end);
    return { report: { type: 'settled', runs: [{ first, values, errors: [], ms }] }, bytes: 8 * end };
  }

  #at(place: number): number {
    return this.#numbers[place] as number;
  }

  /**
   * Whether the frame at this place is whole before `to` and continues the run: its tasks are the next of the same chunk, and
   * like those before it have values or none. Groups of tasks that are not tiny keep their own ms.
   */
  #follows(place: number, to: number, next: number, isNothing: boolean): boolean {
    const stored = this.#storedAt(place, to);
    if (stored < 0 || (stored === 0) !== isNothing) return false;
    const isNext = this.#at(place + 1) === next && this.#at(place + 4) === this.#at(4);
    return isNext && this.#at(place + 2) < TINY_MS * this.#at(place + 3);
  }

  /** How many values lie in the frame at this place; -1 if it is not of numbers, or not whole before `to`. */
  #storedAt(place: number, to: number): number {
    if (place + BEFORE_VALUES > to || formatAt(this.#headers, 8 * place) !== NUMBERS_FORMAT) return -1;
    const stored = lengthAt(this.#headers, 8 * place) / 8 - RUN_FIELDS;
    const count = this.#at(place + 3);
    const isWhole = place + BEFORE_VALUES + stored <= to && (stored === 0 || stored === count);
    return isWhole && count > 0 && count <= MOST_NUMBERS && Number.isInteger(count) ? stored : -1;
  }

  /** The values of all frames before the place `end`. */
  #listFrom(count: number, end: number): number[] {
    // oxlint-disable-next-line unicorn/no-new-array -- a list that grows is copied again and again
    const list = new Array<number>(count);
    for (let place = 0, to = 0; place < end;) {
      const next = place + BEFORE_VALUES + this.#at(place + 3);
      for (let at = place + BEFORE_VALUES; at < next; at++) list[to++] = this.#at(at);
      place = next;
    }
    return list;
  }
}
