import { now } from '../wire/clock.js';

/** A window that was read whole in less time was too small: most of that time went into transport, not into tasks; ms. */
const SHORT_MS = 20;
/** A window that is not read whole in this time is too large: its items may have become slow to read, or large; ms. */
const LONG_MS = 200;

/**
 * Items that `imap` takes ahead to begin with, for each task that can run at once, if no `buffersize` is given. With 8, workers
 * run dry when one task in 60 is 60 times as long, or the reader pauses for 20 tasks: that takes 15 to 30 % longer (measured).
 * More than 16 gains little there, and costs the memory of more results that wait to be read.
 */
const AHEAD_PER_PLACE = 16;
/** The most items that it takes ahead, if tasks are tiny. */
const MOST_AHEAD = 4096;

/**
 * How many items may be taken from an input and not yet read. It doubles when a reader waits though a whole window was read in no
 * time, so that it holds what is made in about 40 ms; it halves when reading takes long. When the items ran out, it doubles
 * whatever the time: those of one burst should last until the next. This way `imap` of 1,000,000 numbers takes a fifth of
 * the time (measured).
 */
export class Window {
  /** The window of an `imap`. `places`: how many of its items can be in chunks that run at once. */
  static of(buffersize: number | undefined, places: number): Window {
    return buffersize === undefined ? new Window(AHEAD_PER_PLACE * places, MOST_AHEAD) : new Window(buffersize);
  }

  readonly #least: number;
  readonly #most: number;
  #size: number;
  #since = now();
  #from = 0;
  #hasRunOut = false;

  constructor(size: number, most = size) {
    this.#least = size;
    this.#most = Math.max(size, most);
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** A reader that has `read` this many items asks for one more, and may have to wait. True if there is more room now. */
  asked(read: number, waits: boolean): boolean {
    if (this.#least === this.#most) return false;
    const count = read - this.#from;
    const ms = now() - this.#since;
    const isTooSoon = this.#hasRunOut || ms < LONG_MS;
    if (isTooSoon && !(waits && count >= this.#size)) return false;
    const before = this.#size;
    if (count < before) this.#size = Math.max(this.#least, Math.floor(before / 2));
    else if (this.#hasRunOut || ms < SHORT_MS) this.#size = Math.min(this.#most, 2 * before);
    this.#hasRunOut = false;
    this.#since += ms;
    this.#from = read;
    return this.#size > before;
  }

  /** All items were read before more came. */
  ranOut(): void {
    this.#hasRunOut = true;
  }
}
