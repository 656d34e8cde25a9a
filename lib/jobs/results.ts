/** A task's value or error. */
export type Result = { readonly value: unknown } | { readonly error: unknown };

/** Results that wait to be read. */
export interface Results {
  /** Whether the next result is there. */
  readonly ready: boolean;
  /** `index`: that of its item. */
  add(index: number, result: Result): void;
  /** Takes the next result; only called when `ready`. */
  take(): Result;
  clear(): void;
}

/** Results in the order of their items. */
export class InOrder implements Results {
  readonly #results = new Map<number, Result>();
  /** The index of the next result. */
  #next = 0;

  get ready(): boolean {
    return this.#results.has(this.#next);
  }

  add(index: number, result: Result): void {
    this.#results.set(index, result);
  }

  take(): Result {
    const result = this.#results.get(this.#next) as Result;
    this.#results.delete(this.#next++);
    return result;
  }

  clear(): void {
    this.#results.clear();
  }
}

interface Link {
  readonly result: Result;
  after: Link | undefined;
}

/** Results in the order of their arrival. A linked list: to find the first entry of a Map, V8 walks over all deleted ones. */
export class AsTheyCome implements Results {
  #first: Link | undefined;
  #last: Link | undefined;

  get ready(): boolean {
    return this.#first !== undefined;
  }

  add(_index: number, result: Result): void {
    const link = { result, after: undefined };
    if (this.#first === undefined) this.#first = link;
    else (this.#last as Link).after = link;
    this.#last = link;
  }

  take(): Result {
    const { result, after } = this.#first as Link;
    this.#first = after;
    if (after === undefined) this.#last = undefined;
    return result;
  }

  clear(): void {
    this.#first = this.#last = undefined;
  }
}
