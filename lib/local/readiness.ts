interface Waiter {
  /** How many workers it waits for. */
  missing: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Those who wait for workers to be initialised. Not for all to be there at one moment: where workers are replaced after every few
 * tasks, one is always on its way.
 */
export class Readiness {
  #waiters: Waiter[] = [];

  /** Resolves when so many more have been initialised. */
  async wait(missing: number): Promise<void> {
    if (missing > 0) await new Promise<void>((resolve, reject) => this.#waiters.push({ missing, resolve, reject }));
  }

  /** A worker is initialised. */
  initialised(): void {
    this.#count(-1);
  }

  /** A worker that was initialised has ended before it did anything, and does not count. */
  lost(): void {
    this.#count(1);
  }

  giveUp(why: () => Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(why());
  }

  #count(more: -1 | 1): void {
    for (const waiter of this.#waiters) {
      waiter.missing += more;
      if (waiter.missing === 0) waiter.resolve();
    }
    this.#waiters = this.#waiters.filter(({ missing }) => missing > 0);
  }
}
