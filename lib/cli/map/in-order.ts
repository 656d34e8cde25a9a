/** Puts values that come as they finish into order: each waits here for those before it. */
export class InOrder<T extends { readonly size: number }> {
  readonly #waiting = new Map<number, T>();
  #next = 0;
  #size = 0;

  /** The sum of the sizes of the waiting values. */
  get size(): number {
    return this.#size;
  }

  /** The values whose turn it is now, with this one. Places are counted from 0. */
  add(place: number, value: T): T[] {
    if (place !== this.#next) {
      this.#waiting.set(place, value);
      this.#size += value.size;
      return [];
    }
    const ready = [value];
    this.#next++;
    for (let next = this.#take(); next !== undefined; next = this.#take()) ready.push(next);
    return ready;
  }

  #take(): T | undefined {
    const value = this.#waiting.get(this.#next);
    if (value === undefined) return undefined;
    this.#waiting.delete(this.#next);
    this.#next++;
    this.#size -= value.size;
    return value;
  }
}
