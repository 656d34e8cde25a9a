/** How many ms ahead of the workers items are let in. */
const AHEAD_MS = 100;
/** Characters that may wait for one slow item. */
const MOST_WAITING = 1 << 26;
/** Shorter measurements of the rate say little. */
const MEASURE_MS = 5;

/**
 * How many items may be with the pool: one for each task that can run at once, and as many more as are answered and read in
 * a tenth of a second. A bound by number alone would be too small for tiny tasks, and for long ones so large that "finish
 * what runs", after Ctrl-C, would take hours.
 */
export class Admission {
  /** Tasks that can run at once. */
  readonly slots: number;
  #taken = 0;
  #answered = 0;
  #size = 0;
  #limit: number;
  #measured = { at: performance.now(), answered: 0 };
  #waiting: (() => void) | undefined;

  constructor(slots: number) {
    this.slots = slots;
    this.#limit = slots;
  }

  /** Items that were let in, and have no outcome. */
  get inFlight(): number {
    return this.#taken - this.#answered;
  }

  get open(): boolean {
    return this.inFlight < this.#limit && this.#size < MOST_WAITING;
  }

  /** Reports how much text waits for the outcome of an earlier item, which was let in already. */
  waiting(size: number): void {
    this.#size = size;
    if (this.open) this.release();
  }

  take(): void {
    this.#taken++;
  }

  /** Resolves when an item may be let in, or when nobody waits for one any more. */
  async opening(): Promise<void> {
    if (this.open) return;
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Reports that one more outcome was read. */
  answered(): void {
    this.#answered++;
    this.#measure();
    if (this.open) this.release();
  }

  release(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  #measure(): void {
    const now = performance.now();
    const elapsed = now - this.#measured.at;
    if (elapsed < MEASURE_MS) return;
    const rate = (this.#answered - this.#measured.answered) / elapsed;
    this.#limit = this.slots + Math.floor(rate * AHEAD_MS);
    this.#measured = { at: now, answered: this.#answered };
  }
}
