import type { Settle } from '../async-result.js';
import { expected } from '../errors.js';
import type { Call, Chunk, TaskPlace } from '../executor.js';
import { now } from '../wire/clock.js';
import type { Values } from '../wire/values.js';
import { inputOf, type Input } from './items.js';
import { Listeners, type ListenerOptions } from './listeners.js';
import { nextJobId, type JobOwner, type UserJob } from './user-job.js';

export interface MapJobOptions extends ListenerOptions {
  readonly settled: boolean;
  readonly stopOnError: boolean;
}

/** V8 makes a dictionary of an array whose length is set to more at once. */
const MOST_PREPARED = 1 << 24;

/** A job of many tasks whose results are wanted together: `map` and `starmap`. */
export class MapJob implements UserJob {
  readonly id = nextJobId();
  seat = -1;
  readonly call: Call;
  readonly #owner: JobOwner;
  readonly #options: MapJobOptions;
  readonly #settle: Settle<unknown[]>;
  readonly #input: Input;
  readonly #listeners: Listeners;
  /** Created with the first results. */
  #results: unknown[] | undefined;
  readonly #since = now();
  #open = true;
  #ended = false;
  #taken = 0;
  /** Taken and not answered. */
  #pending = 0;
  #done = 0;
  #failed = 0;
  #firstError: { readonly index: number; readonly error: unknown } | undefined;
  #inputError: { readonly error: unknown } | undefined;

  constructor(owner: JobOwner, call: Call, items: unknown, options: MapJobOptions, settle: Settle<unknown[]>) {
    this.#owner = owner;
    this.call = call;
    this.#options = options;
    this.#settle = settle;
    if (call.spread && Array.isArray(items)) checkLists(items);
    this.#listeners = new Listeners(options, (error) => this.fail(error));
    const listener = { more: () => this.#more(), failed: (error: unknown) => this.#inputFailed(error) };
    this.#input = inputOf(items, listener, () => Infinity, call.context === undefined);
  }

  /** Called instead of `submitted` if the pool does not take the job: its input can clean up. */
  discard(): void {
    this.#open = false;
    this.#input.close();
  }

  /** Called once, when the executor knows of it: an empty job ends at once. */
  submitted(): void {
    this.#checkEnd();
  }

  get open(): boolean {
    return this.#open;
  }

  get busy(): boolean {
    return !this.#ended;
  }

  get waiting(): number {
    return this.#open ? this.#input.available : 0;
  }

  get known(): number {
    return Number.isFinite(this.waiting) ? this.waiting : 0;
  }

  take(limit: number): Chunk | undefined {
    if (!this.#open) return undefined;
    const index = this.#taken;
    const items = this.#takeItems(limit);
    // If the input's code has ended the job, the items it gave are dropped: nothing could stop them later.
    if (!this.#open) return undefined;
    this.#taken += items.length;
    this.#pending += items.length;
    if (items.length > 0) return { job: this, index, attempt: 1, items, since: this.#since };
    this.#checkEnd();
    return undefined;
  }

  fulfilled(index: number, values: Values): void {
    const { settled } = this.#options;
    this.#keep(index, settled ? Array.from(values, (value: unknown) => ({ status: 'fulfilled', value })) : values);
    this.#count(values.length);
  }

  rejected(index: number, error: unknown): void {
    if (this.#options.settled) this.#keep(index, [{ status: 'rejected', reason: error }]);
    else if (index < (this.#firstError?.index ?? Infinity)) this.#firstError = { index, error };
    this.#failed++;
    this.#count(1);
    if (this.#options.stopOnError) this.fail(error);
  }

  progressed(): void {
    this.#tell();
  }

  withdrawn(count: number): void {
    this.#pending -= count;
    this.#checkEnd();
  }

  reported(index: number, attempt: number, value: unknown): void {
    if (!this.#ended) this.#listeners.reported(index, attempt, value);
  }

  place(index: number): TaskPlace {
    return { job: this.id, index };
  }

  fail(error: unknown): void {
    if (!this.#end(error)) return;
    this.#owner.executor.withdraw(this);
    this.#reject(error);
  }

  abort(reason: unknown): void {
    if (!this.#end(reason)) return;
    this.#owner.executor.abort(this, reason);
    this.#reject(reason);
  }

  /** Drops the results: nobody will see them. */
  #reject(error: unknown): void {
    this.#results = undefined;
    this.#settle.reject(error);
  }

  #keep(index: number, outcomes: Values): void {
    if (this.#ended) return;
    const results = (this.#results ??= roomFor(this.#input.total ?? 0, outcomes[0]));
    // Grows at its end: an array with a large gap becomes a dictionary, 3 times slower (measured).
    while (results.length < index + outcomes.length) results.push(undefined);
    for (let at = 0; at < outcomes.length; at++) results[index + at] = outcomes[at];
  }

  #takeItems(limit: number): Values {
    try {
      const items = this.#input.take(limit);
      if (this.call.spread) checkLists(items);
      return items;
    } catch (error) {
      this.#inputFailed(error);
      return [];
    }
  }

  #more(): void {
    if (!this.#open) return;
    if (this.#input.available > 0) this.#owner.executor.submit(this);
    this.#checkEnd();
  }

  /** Running tasks may end; waiting ones are dropped. */
  #inputFailed(error: unknown): void {
    if (!this.#open) return;
    this.#inputError = { error };
    this.#open = false;
    this.#input.close();
    this.#owner.executor.withdraw(this);
    this.#checkEnd();
  }

  #count(tasks: number): void {
    this.#pending -= tasks;
    this.#done += tasks;
    this.#checkEnd();
  }

  #tell(): void {
    if (!this.#ended) this.#listeners.progress(this.#done, this.#failed, this.#input.total);
  }

  /** With nothing pending, only the input can tell whether this is the end. */
  #look(): void {
    try {
      if (this.#input.look() && this.#open) this.#owner.executor.submit(this);
    } catch (error) {
      this.#inputFailed(error);
    }
  }

  #checkEnd(): void {
    if (this.#open && this.#pending === 0) this.#look();
    if (this.#ended || this.#pending > 0 || !(this.#input.ended || this.#inputError !== undefined)) return;
    this.#tell();
    const failure = this.#inputError ?? this.#firstError;
    if (!this.#end(failure?.error)) return;
    if (failure === undefined) this.#settle.resolve(this.#all());
    else this.#reject(failure.error);
  }

  #all(): unknown[] {
    const results = this.#results ?? [];
    // Its length was what the input claimed, which need not be true.
    if (results.length > this.#taken) results.length = this.#taken;
    return results;
  }

  #end(error?: unknown): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#open = false;
    this.#input.close();
    this.#owner.ended(this, error);
    return true;
  }
}

/** Copied by `roomFor`, which has no literal of its own: V8 would learn from what becomes of an array made there. */
const FRACTIONS: readonly unknown[] = [0.5];

/**
 * An array that grows is copied again and again. So is one of small integers when a fraction, or a number beyond 31 bits, comes
 * in: if the first result is a number, the array is of fractions from the start. This way a map of a million takes 0.9 of the
 * master's CPU time (measured).
 */
function roomFor(results: number, first: unknown): unknown[] {
  const room = typeof first === 'number' ? FRACTIONS.slice() : [];
  room.length = results <= MOST_PREPARED ? results : 0;
  return room;
}

/** Checks holes too, which `forEach` skips. */
function checkLists(items: Values): void {
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as unknown;
    if (!Array.isArray(item)) throw new TypeError(expected('items', 'lists of arguments, each an array', item));
  }
}
