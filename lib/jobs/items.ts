import { AsyncResource } from 'node:async_hooks';
import { expected } from '../errors.js';
import { copied } from '../wire/numbers.js';
import { part, type Values } from '../wire/values.js';
import { Window } from './window.js';

/** The input of a map: any iterable, sync or async. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** The input of a job, taken as far as it is needed. */
export interface Input {
  /** Items that can be taken now; Infinity for an iterable whose length nobody knows. */
  readonly available: number;
  /** How many items there are in all; undefined until that is known. */
  readonly total: number | undefined;
  readonly ended: boolean;
  /** Up to `limit` items; fewer at the end. Throws what the input throws. */
  take(limit: number): Values;
  /**
   * Fetches and keeps the next item, if only that tells whether there is one. True if there is one, and a `take` meanwhile asked
   * for it and got nothing. Throws what the input throws.
   */
  look(): boolean;
  /** There is room for more again. */
  resume(): void;
  /** No more will be taken: gives a generator the chance to clean up. */
  close(): void;
}

/** Hears from an async input that it has more, has ended or has failed. */
export interface InputListener {
  more(): void;
  failed(error: unknown): void;
}

/** How many items of an asynchronous input wait here, besides those that workers have ... */
const LEAST_WAITING = 16;
/** ... and how many at most, if that many are taken in no time, or come in bursts. */
const MOST_WAITING = 1024;

/**
 * `room`: how many more items the job wants to take for now; Infinity when nothing bounds it. `travels`: false if tasks get the
 * items themselves.
 */
export function inputOf(items: unknown, listener: InputListener, room: () => number, travels: boolean): Input {
  if (Array.isArray(items)) return new ArrayInput(items, travels);
  // First, as `for await` does.
  if (isAsyncIterable(items)) return new AsyncInput(items, listener, room);
  if (isIterable(items)) return new IterableInput(items);
  throw new TypeError(expected('items', 'an iterable or an async iterable', items));
}

class ArrayInput implements Input {
  /** Released by `close`: an abandoned iterator may be held for long. */
  #items: Values;
  readonly total: number;
  #taken = 0;

  /** Copies the list, so that a caller who changes it changes nothing here. */
  constructor(items: readonly unknown[], travels: boolean) {
    this.#items = travels ? copied(items) : items.slice();
    this.total = items.length;
  }

  get available(): number {
    return this.total - this.#taken;
  }

  get ended(): boolean {
    return this.available === 0;
  }

  take(limit: number): Values {
    const taken = part(this.#items, this.#taken, this.#taken + limit);
    this.#taken += taken.length;
    return taken;
  }

  look(): boolean {
    return false;
  }

  resume(): void {}

  close(): void {
    this.#items = [];
    this.#taken = this.total;
  }
}

class IterableInput implements Input {
  /**
   * The input's code runs in this context, not in that of the message that makes room for more: that one belongs to whoever
   * started the worker.
   */
  readonly #context = new AsyncResource('forkpool');
  readonly #iterator: Iterator<unknown>;
  readonly #size: number | undefined;
  /** The item that `look` has found; one at most. */
  #ahead: unknown[] = [];
  #taken = 0;
  #ended = false;
  #asking = false;
  /** A `take` came while the iterator was being asked for an item. */
  #missed = false;
  /** Thrown by the iterator after it gave items to a `take`: rethrown when those are gone. */
  #failure: { readonly error: unknown } | undefined;

  constructor(items: Iterable<unknown>) {
    this.#iterator = checked(items[Symbol.iterator]());
    const { size, length } = items as { size?: unknown; length?: unknown };
    this.#size = [size, length].find(isCount);
  }

  get available(): number {
    if (this.#ended || this.#asking) return 0;
    return this.#size === undefined ? Infinity : Math.max(1, this.#size - this.#taken);
  }

  get total(): number | undefined {
    return this.#ended ? this.#taken : this.#size;
  }

  get ended(): boolean {
    return this.#ended;
  }

  take(limit: number): unknown[] {
    // The iterator's own code has brought this about.
    if (this.#asking) {
      this.#missed = true;
      return [];
    }
    const taken = this.#ahead.splice(0, limit);
    this.#context.runInAsyncScope(() => this.#fill(taken, limit));
    this.#taken += taken.length;
    return taken;
  }

  look(): boolean {
    if (this.#asking) return false;
    this.#missed = false;
    this.#context.runInAsyncScope(() => this.#fill(this.#ahead, 1));
    return this.#missed && this.#ahead.length > 0;
  }

  /** Fills a list up to this length, as far as there are items. */
  #fill(list: unknown[], length: number): void {
    try {
      while (list.length < length && !this.#ended && this.#failure === undefined) {
        const { done, value } = this.#next();
        if (done === true) this.#ended = true;
        else if (!this.#ended) list.push(value);
      }
    } catch (error) {
      this.#asking = false;
      this.#failure = { error };
    }
    if (list.length === 0) this.#throwFailure();
  }

  /** Throws once: then the input has ended. */
  #throwFailure(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#ended = true;
    this.#failure = undefined;
    throw failure.error;
  }

  /** A generator's code may end the very job that asks it: it is closed when it has answered. */
  #next(): IteratorResult<unknown> {
    this.#asking = true;
    const result = this.#iterator.next();
    this.#asking = false;
    checkResult(result);
    if (this.#ended && result.done !== true) this.#cleanUp();
    return result;
  }

  resume(): void {}

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ahead = [];
    if (this.#failure === undefined && !this.#asking) this.#context.runInAsyncScope(() => this.#cleanUp());
  }

  /** The job is over: an input that throws in cleaning up has nobody to tell. */
  #cleanUp(): void {
    try {
      this.#iterator.return?.();
    } catch {
      // Like Python's generators, which are collected without a word.
    }
  }
}

/** With any other `size` or `length`, only the end of the input tells how long it is. */
function isCount(known: unknown): known is number {
  return Number.isSafeInteger(known) && (known as number) >= 0;
}

/** The iterator that an input has made, if it is one. */
function checked<I extends Iterator<unknown> | AsyncIterator<unknown>>(iterator: I): I {
  if (typeof (iterator as Partial<I> | null | undefined)?.next === 'function') return iterator;
  throw new TypeError(expected('items', 'an iterable whose iterator has a `next`', iterator));
}

/** Refuses non-objects: their `done` would never be true. */
function checkResult(result: unknown): void {
  if (typeof result === 'object' && result !== null) return;
  throw new TypeError(expected('items', 'an iterator whose `next` returns objects', result));
}

class AsyncInput implements Input {
  /** The input's code runs in it: see `IterableInput`. */
  readonly #context = new AsyncResource('forkpool');
  readonly #iterator: AsyncIterator<unknown>;
  readonly #listener: InputListener;
  readonly #room: () => number;
  /** The iterator is asked for more while fewer items wait. */
  readonly #window = new Window(LEAST_WAITING, MOST_WAITING);
  #waiting: unknown[] = [];
  #taken = 0;
  #asking = false;
  /** The iterator gives no more; its items may still wait here. */
  #done = false;

  constructor(items: AsyncIterable<unknown>, listener: InputListener, room: () => number) {
    this.#iterator = checked(items[Symbol.asyncIterator]());
    this.#listener = listener;
    this.#room = room;
    this.#ask();
  }

  get available(): number {
    return this.#waiting.length;
  }

  get total(): number | undefined {
    return this.#done ? this.#taken + this.#waiting.length : undefined;
  }

  get ended(): boolean {
    return this.#done && this.#waiting.length === 0;
  }

  take(limit: number): unknown[] {
    const taken = this.#waiting.splice(0, limit);
    this.#taken += taken.length;
    if (this.#waiting.length === 0) this.#window.ranOut();
    this.#window.asked(this.#taken, true);
    this.#ask();
    return taken;
  }

  look(): boolean {
    return false;
  }

  resume(): void {
    this.#ask();
  }

  close(): void {
    this.#waiting = [];
    if (this.#done) return;
    this.#done = true;
    void this.#context.runInAsyncScope(() => this.#cleanUp());
  }

  async #cleanUp(): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch {
      // The job is over: nobody is left to tell.
    }
  }

  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    void this.#context.runInAsyncScope(() => this.#askForAll());
  }

  /** Asks for items one after another while there is room for more. */
  async #askForAll(): Promise<void> {
    try {
      // The first item is asked for in the next turn, when the job that listens is complete.
      await Promise.resolve();
      while (!this.#done && this.#waiting.length < Math.min(this.#window.size, this.#room())) {
        const result = await this.#iterator.next();
        checkResult(result);
        const { done, value } = result;
        if (this.#done) break;
        if (done === true) this.#done = true;
        else this.#waiting.push(value);
        this.#listener.more();
      }
    } catch (error) {
      this.#done = true;
      this.#listener.failed(error);
    } finally {
      this.#asking = false;
    }
  }
}

function isIterable(items: unknown): items is Iterable<unknown> {
  return items != null && typeof (items as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function isAsyncIterable(items: unknown): items is AsyncIterable<unknown> {
  return items != null && typeof (items as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}
