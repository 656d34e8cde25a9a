import { now } from '../wire/clock.js';

/** Adds up the time in which something is busy. */
export class BusyClock {
  #ms = 0;
  /** When it last became busy, by `now()`; undefined while it is not. */
  #since: number | undefined;

  /** ms so far. */
  get ms(): number {
    return this.#ms + (this.#since === undefined ? 0 : now() - this.#since);
  }

  /** `at`: since when, by `now()`; by default now. */
  set(isBusy: boolean, at?: number): void {
    if (isBusy === (this.#since !== undefined)) return;
    const when = at ?? now();
    if (this.#since !== undefined) this.#ms += when - this.#since;
    this.#since = isBusy ? when : undefined;
  }
}
