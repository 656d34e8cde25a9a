/** What came of a task. */
export type Result = { readonly value: unknown } | { readonly error: unknown };

/** Results that wait to be read. */
export interface Results {
  /** Whether the next one is there. */
  readonly ready: boolean;
  /** `index`: that of its item. */
  add(index: number, result: Result): void;
  /** The next one, which is there. */
  take(): Result;
  clear(): void;
}

/** In the order of their items. */
export class InOrder implements Results {
  readonly #results = new Map<number, Result>();
  /** The index of the next one. */
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

/** In the order of their arrival. They are linked: to find the first of a Map, V8 walks over all that were taken out of it. */
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
