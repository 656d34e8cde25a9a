/** A window that was read in less time than this was too small: its items spent it on the way more than in tasks; ms. */
const SHORT_MS = 20;

/**
 * How many items may be taken from an input and not yet read. It may grow: where a reader waits though a whole window of items
 * came in no time, messages are too small. `imap` of 1,000,000 numbers takes a sixth of the time so (measured). Large results
 * take time on the way, and so they keep it small.
 */
export class Window {
  #size: number;
  readonly #most: number;
  #since = performance.now();
  #from = 0;

  constructor(size: number, most = size) {
    this.#size = size;
    this.#most = Math.max(size, most);
  }

  get size(): number {
    return this.#size;
  }

  /** A reader finds nothing to read, when so many items have been read before. True when there is more room now. */
  readerWaits(read: number): boolean {
    if (this.#size >= this.#most || read - this.#from < this.#size) return false;
    const now = performance.now();
    const isShort = now - this.#since < SHORT_MS;
    this.#since = now;
    this.#from = read;
    if (isShort) this.#size = Math.min(this.#most, 2 * this.#size);
    return isShort;
  }
}
