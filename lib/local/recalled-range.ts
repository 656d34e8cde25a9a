import type { TaskNumber } from '../wire/messages.js';

/** Tasks that were taken back from a worker and that it may not know to be. One mark tells it of all, so they are one range. */
export class RecalledRange {
  #from: TaskNumber = Infinity;
  #to: TaskNumber = 0;

  /** The first of them; Infinity if there are none. */
  get from(): TaskNumber {
    return this.#from;
  }

  get empty(): boolean {
    return this.#from === Infinity;
  }

  /** `to`: up to, not including, this one. */
  set(from: TaskNumber, to: TaskNumber): void {
    this.#from = from;
    this.#to = to;
  }

  /** The worker knows of, or runs, all before this one. */
  seenUpTo(task: TaskNumber): void {
    if (task > this.#from) this.#from = task < this.#to ? task : Infinity;
  }
}
