import pDefer, { type DeferredPromise } from 'p-defer';
import { checkTimeout, within } from '../async-result.js';
import type { Call, Chunk, TaskPlace } from '../executor.js';
import { STAYS } from '../wire/classes.js';
import { now } from '../wire/clock.js';
import type { Values } from '../wire/values.js';
import { inputOf, type Input } from './items.js';
import { Listeners, type ListenerOptions } from './listeners.js';
import { AsTheyCome, InOrder, type Result, type Results } from './results.js';
import { nextJobId, type JobOwner, type UserJob } from './user-job.js';
import type { Window } from './window.js';

/** The results of `imap`, one by one. */
export interface IMapIterator<R> extends AsyncIterableIterator<R> {
  /**
   * The next result; rejects with what its task threw, and then the iterator goes on. After `timeout` ms it rejects with
   * TimeoutError, and the result can be got by a later call; `next(0)` is a poll. Left out: waits as long as it takes. A
   * generator that delegates to it with `yield*` passes on the argument of its own `next`: that must be such a `timeout`, or
   * nothing.
   */
  next(timeout?: number): Promise<IteratorResult<R, undefined>>;
  /** Drops what has not begun, and closes the input. Resolves with the `value`, as the `return` of a generator does. */
  return<Value = undefined>(value?: Value | PromiseLike<Value>): Promise<IteratorReturnResult<Awaited<Value>>>;
  [Symbol.asyncIterator](): IMapIterator<R>;
}

export interface ImapJobOptions extends ListenerOptions {
  readonly ordered: boolean;
  /** Bounds the items taken from the input and not yet yielded. */
  readonly window: Window;
  readonly settled: boolean;
}

type Reader = DeferredPromise<IteratorResult<unknown, undefined>>;

const END: IteratorResult<unknown, undefined> = { done: true, value: undefined };

/** A job of many tasks whose results are wanted one by one: `imap` and `imapUnordered`. */
export class ImapJob implements UserJob, IMapIterator<unknown> {
  readonly id = nextJobId();
  seat = -1;
  readonly call: Call;
  readonly #owner: JobOwner;
  readonly #options: ImapJobOptions;
  readonly #input: Input;
  readonly #listeners: Listeners;
  /** Answered and not yielded. */
  readonly #results: Results;
  readonly #readers: Reader[] = [];
  /** How many callers want all input taken, however slowly the results are read. */
  #lifts = 0;
  #open = true;
  #ended = false;
  #taken = 0;
  #pending = 0;
  #done = 0;
  #failed = 0;
  #yielded = 0;
  /** Thrown after the last result: the input's error, or the one that ended the job. */
  #lastError: { readonly error: unknown } | undefined;

  constructor(owner: JobOwner, call: Call, items: unknown, options: ImapJobOptions) {
    this.#owner = owner;
    this.call = call;
    this.#options = options;
    this.#results = options.ordered ? new InOrder() : new AsTheyCome();
    this.#listeners = new Listeners(options, (error) => this.fail(error));
    const listener = { more: () => this.#more(), failed: (error: unknown) => this.#inputFailed(error) };
    this.#input = inputOf(items, listener, () => this.#room, call.context === undefined);
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

  /** Unread results keep no program alive. */
  get busy(): boolean {
    return !this.#ended && (this.#pending > 0 || this.waiting > 0 || this.#readers.length > 0);
  }

  get waiting(): number {
    return this.#open ? Math.min(this.#input.available, this.#room) : 0;
  }

  get known(): number {
    return Number.isFinite(this.#input.available) ? this.waiting : 0;
  }

  /** Whether the length of its input is known, so that its results can all be kept until they are read. */
  get sized(): boolean {
    return this.#input.total !== undefined;
  }

  /** Takes all the input, however slowly the results are read: somebody waits for the end. */
  liftBound(): void {
    this.#lifts++;
    this.#more();
  }

  /** Undoes one `liftBound`. */
  restoreBound(): void {
    this.#lifts--;
    this.#owner.changed(this);
  }

  take(limit: number): Chunk | undefined {
    if (!this.#open) return undefined;
    const index = this.#taken;
    const items = this.#takeItems(Math.min(limit, this.#room));
    // If the input's code has ended the job, the items it gave are dropped: nothing could stop them later.
    if (!this.#open) return undefined;
    this.#taken += items.length;
    this.#pending += items.length;
    // Not since the call: an item of a slow input has waited for nobody before it came.
    if (items.length > 0) return { job: this, index, attempt: 1, items, since: now() };
    this.#checkEnd();
    return undefined;
  }

  fulfilled(index: number, values: Values): void {
    for (let at = 0; at < values.length; at++)
      this.#add(index + at, { value: this.#wrap(index + at, 'fulfilled', values[at]) });
    this.#added();
  }

  rejected(index: number, error: unknown): void {
    this.#failed++;
    this.#add(index, this.#options.settled ? { value: this.#wrap(index, 'rejected', error) } : { error });
    this.#added();
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
    this.#giveUp(error, () => this.#owner.executor.withdraw(this));
  }

  abort(reason: unknown): void {
    this.#giveUp(reason, () => this.#owner.executor.abort(this, reason));
  }

  async next(timeout?: number): Promise<IteratorResult<unknown, undefined>> {
    checkTimeout(timeout);
    if (this.#readers.length === 0 && this.#results.ready) return this.#read();
    const reader: Reader = pDefer();
    this.#readers.push(reader);
    this.#owner.changed(this);
    this.#yieldResults();
    if (this.#options.window.asked(this.#yielded, this.#readers.includes(reader)) && this.#open) this.#more();
    const waits = this.#readers.includes(reader);
    // A result that comes before this poll rejects is for the next reader.
    if (timeout === 0) this.#dismiss(reader);
    try {
      return await within(reader.promise, timeout, !waits);
    } finally {
      this.#dismiss(reader);
    }
  }

  #dismiss(reader: Reader): void {
    const at = this.#readers.indexOf(reader);
    if (at !== -1) this.#readers.splice(at, 1);
    this.#owner.changed(this);
  }

  async return<Value>(value?: Value | PromiseLike<Value>): Promise<IteratorReturnResult<Awaited<Value>>> {
    this.#open = false;
    this.#input.close();
    this.#results.clear();
    this.#yielded = this.#taken;
    this.#lastError = undefined;
    this.#end();
    this.#owner.executor.withdraw(this);
    this.#yieldResults();
    return { done: true, value: (await value) as Awaited<Value> };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  static {
    const value = 'an iterator of imap stays with its pool: read it there, and send what it yields';
    Object.defineProperty(this.prototype, STAYS, { value });
  }

  get #room(): number {
    return this.#lifts > 0 ? Infinity : Math.max(0, this.#options.window.size - (this.#taken - this.#yielded));
  }

  #wrap(index: number, status: 'fulfilled' | 'rejected', result: unknown): unknown {
    const { settled, ordered } = this.#options;
    if (!settled) return result;
    const named = status === 'fulfilled' ? { status, value: result } : { status, reason: result };
    return ordered ? named : { index, ...named };
  }

  #add(index: number, result: Result): void {
    this.#pending--;
    this.#done++;
    if (!this.#ended) this.#results.add(index, result);
  }

  #added(): void {
    this.#yieldResults();
    this.#checkEnd();
    this.#owner.changed(this);
  }

  #takeItems(limit: number): Values {
    try {
      return this.#input.take(limit);
    } catch (error) {
      this.#inputFailed(error);
      return [];
    }
  }

  #tell(): void {
    if (!this.#ended) this.#listeners.progress(this.#done, this.#failed, this.#input.total);
  }

  #more(): void {
    this.#input.resume();
    if (this.waiting > 0) this.#owner.executor.submit(this);
    this.#checkEnd();
    this.#owner.changed(this);
  }

  /** Tasks taken before still run, and are yielded first. */
  #inputFailed(error: unknown): void {
    if (!this.#open) return;
    this.#lastError = { error };
    this.#checkEnd();
  }

  #giveUp(error: unknown, stop: () => void): void {
    if (this.#ended) return;
    this.#open = false;
    this.#input.close();
    this.#lastError = { error };
    this.#end();
    stop();
    this.#yieldResults();
  }

  /** From now on nothing is added to the results. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#owner.ended(this, this.#lastError?.error);
  }

  /** With nothing pending, only the input can tell whether this is the end: asks it as soon as its next item has room. */
  #look(): void {
    try {
      if (this.#room > 0 && this.#input.look() && this.#open) this.#owner.executor.submit(this);
    } catch (error) {
      this.#inputFailed(error);
    }
  }

  #checkEnd(): void {
    if (this.#open && this.#pending === 0) this.#look();
    if (this.#ended || this.#pending > 0 || (this.#open && !this.#input.ended)) return;
    this.#tell();
    this.#open = false;
    this.#end();
    this.#yieldResults();
  }

  /** Takes a result that is there already, without a waiting reader. */
  #read(): IteratorResult<unknown, undefined> {
    const result = this.#takeResult();
    this.#options.window.asked(this.#yielded, false);
    if (this.#open) this.#more();
    else this.#owner.changed(this);
    if ('error' in result) throw result.error;
    return { done: false, value: result.value };
  }

  #takeResult(): Result {
    this.#yielded++;
    return this.#results.take();
  }

  /** Gives waiting readers their results; each result that is read makes room for one more item. */
  #yieldResults(): void {
    let yielded = false;
    while (this.#readers.length > 0 && this.#results.ready) {
      const result = this.#takeResult();
      yielded = true;
      const reader = this.#readers.shift();
      if ('error' in result) reader?.reject(result.error);
      else reader?.resolve({ done: false, value: result.value });
    }
    if (this.#ended && !this.#results.ready) this.#tellTheEnd();
    if (yielded && this.#open) this.#more();
  }

  #tellTheEnd(): void {
    for (const reader of this.#readers.splice(0)) {
      const last = this.#lastError;
      this.#lastError = undefined;
      if (last === undefined) reader.resolve(END);
      else reader.reject(last.error);
    }
  }
}
