import { setImmediate } from 'node:timers';
import { expected, messageOf, PoolError, TimeoutError } from './errors.js';
import { publish } from './diagnostics.js';
import { after } from './timers.js';

/** Where the outcome of a job goes. */
export interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

export interface Callbacks<T> {
  /**
   * Called once in the master with the result, before `ready()` turns true. If it throws, the result rejects with that; a promise
   * it returns is not waited for.
   */
  callback?: ((value: T) => unknown) | undefined;
  /**
   * Called once in the master with the error, before `ready()` turns true. If it throws, the result rejects with that instead; a
   * promise it returns is not waited for.
   */
  errorCallback?: ((error: unknown) => unknown) | undefined;
}

const NONE: Callbacks<unknown> = {};

/** Settles a call that has yet to return its result. */
export interface EarlySettle<T> extends Settle<T> {
  /** The caller has the result from now on. Outcomes that came before wait for this, since a callback may use the result. */
  returned(): void;
}

/**
 * A result and what settles it, for code that starts the call once the result exists. With a `start` for each call, V8 compiles
 * all its work into the constructor as well, and again into the constructor's callers.
 */
export function deferred<T>(callbacks: Callbacks<T>): {
  readonly result: AsyncResult<T>;
  readonly settle: EarlySettle<T>;
} {
  const result = new AsyncResult<T>(nothing, callbacks);
  const settle = outcomeOf(result);
  settle.is = 'starting';
  return { result, settle };
}

let outcomeOf: <T>(result: AsyncResult<T>) => Outcome<T>;

type Resolve<T> = (value: T) => void;
type Reject = (error: unknown) => void;

/** Promise, but not by its type: linters must not take a result with a callback, which nobody awaits, for a forgotten promise. */
const NativePromise = Promise as unknown as new <T>(
  executor: (resolve: Resolve<T>, reject: Reject) => void,
) => Pick<Promise<T>, 'then' | 'catch' | 'finally'>;

/**
 * The result of a call that goes on in the background: a Promise that can also be asked. A failure that nobody asked for raises
 * no `unhandledRejection`; it is published on the channel `forkpool:result:unobserved`.
 *
 * @example
 * const result = pool.applyAsync(square, [10]);
 * result.ready(); // false
 * await result.get(1000); // 100, or TimeoutError after a second
 */
export class AsyncResult<T> extends NativePromise<T> implements Promise<T> {
  /** Only the members independent of T: with the others, AsyncResult would be invariant in T. */
  readonly #outcome: Pick<Outcome<T>, 'is' | 'asked'>;

  /** `start` is called at once with the functions that settle it. */
  constructor(start: (settle: Settle<T>) => void, callbacks: Callbacks<T> = NONE) {
    super(keep);
    const outcome = new Outcome<T>(this, callbacks);
    this.#outcome = outcome;
    start(outcome);
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncResult';
  }

  /**
   * Waits for the result. After `timeout` ms it rejects with TimeoutError, and the task goes on: the result can be got later.
   * `get(0)` is a poll: it rejects unless the result is there already. Left out: waits as long as it takes.
   */
  async get(timeout?: number): Promise<T> {
    checkTimeout(timeout);
    this.#outcome.asked = true;
    return within(this, timeout, this.ready());
  }

  /** Waits until the result is there, or `timeout` ms have passed. Never rejects, except for a wrong `timeout`. */
  async wait(timeout?: number): Promise<void> {
    checkTimeout(timeout);
    this.#outcome.asked = true;
    await within(this, timeout, this.ready()).catch(() => {});
  }

  /** Whether the task has succeeded or failed. */
  ready(): boolean {
    return this.#outcome.is !== 'pending';
  }

  /** Whether it succeeded. Throws while it is not ready. */
  successful(): boolean {
    const { is } = this.#outcome;
    if (is === 'pending')
      throw new PoolError('The result is not ready: `await` it, or ask `ready()` first', 'ERR_NOT_READY');
    return is === 'fulfilled';
  }

  static {
    outcomeOf = <R>(result: AsyncResult<R>) => result.#outcome as Outcome<R>;
    // `await`, `then` and `Promise.all` read this. Told that it is a plain Promise, they wait for it directly, not through
    // another one: `Promise.all` of many is three times as fast (measured). The read also shows that somebody asks.
    Object.defineProperty(this.prototype, 'constructor', {
      configurable: true,
      get(this: object) {
        if (#outcome in this) (this as AsyncResult<unknown>).#outcome.asked = true;
        return Promise;
      },
    });
  }
}

const nothing = (): void => {};
/** The functions that settle the promise made last: a Promise gives them to nobody but its executor. */
let lastResolve: Resolve<never> = nothing;
let lastReject: Reject = nothing;
const keep = (resolve: Resolve<never>, reject: Reject): void => {
  lastResolve = resolve;
  lastReject = reject;
};

/** Settles an AsyncResult. There is one for each call that waits, so it holds no more than it needs. */
class Outcome<T> implements EarlySettle<T> {
  // Fields that change are written twice from the start: see `SingleJob`.
  is: 'starting' | 'pending' | 'fulfilled' | 'rejected' = 'fulfilled';
  /** Somebody waits for the result, or did. */
  asked = true;
  readonly #promise: Pick<Promise<T>, 'catch'>;
  // Its promise is of T: `keep` is one for all types.
  readonly #resolve = lastResolve as Resolve<T>;
  readonly #reject = lastReject;
  /** Released when they have been called: the result may live on. */
  #callbacks: Callbacks<T> = NONE;

  /** `promise` must be the one that was made last. */
  constructor(promise: Pick<Promise<T>, 'catch'>, callbacks: Callbacks<T>) {
    this.#promise = promise;
    this.#callbacks = callbacks;
    this.is = 'pending';
    this.asked = false;
    lastResolve = lastReject = nothing;
  }

  returned(): void {
    this.is = 'pending';
  }

  resolve(value: T): void {
    if (this.is !== 'pending') return this.#later(() => this.resolve(value));
    const failure = failureOf(this.#callbacks.callback, value);
    this.#callbacks = NONE;
    if (failure !== undefined) return this.#fail(failure.error);
    this.is = 'fulfilled';
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.is !== 'pending') return this.#later(() => this.reject(error));
    const failure = failureOf(this.#callbacks.errorCallback, error);
    this.#callbacks = NONE;
    this.#fail(failure === undefined ? error : failure.error);
  }

  #later(settle: () => void): void {
    // Not `queueMicrotask`: that, too, may be a fake.
    if (this.is === 'starting') void Promise.resolve().then(settle);
  }

  #fail(reason: unknown): void {
    this.is = 'rejected';
    if (!this.asked) publish('forkpool:result:unobserved', { error: reason });
    // Promises derived from it still raise an `unhandledRejection` where nobody handles them.
    void this.#promise.catch(() => {});
    this.#reject(reason);
  }
}

/** A callback that throws makes the result an error; the promise of an async one is not waited for. */
function failureOf<T>(
  callback: ((given: T) => unknown) | undefined,
  given: T,
): { readonly error: unknown } | undefined {
  if (callback === undefined) return undefined;
  try {
    warnOfRejection(callback(given));
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Does not wait for what a callback returned. A promise of any make that rejects becomes a warning. */
export function warnOfRejection(returned: unknown): void {
  if (typeof (returned as { then?: unknown } | null | undefined)?.then !== 'function') return;
  Promise.resolve(returned).catch((error: unknown) => process.emitWarning(warningOf(error)));
}

function warningOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(`A callback rejected with ${messageOf(error)}`);
}

/** The promise's outcome, or TimeoutError after `timeout` ms: with 0, unless `isReady`. `why`: what was not so in that time. */
export async function within<T>(
  promise: Promise<T>,
  timeout: number | undefined,
  isReady: boolean,
  why = 'Not ready',
): Promise<T> {
  if (timeout === undefined || isReady) return promise;
  if (timeout === 0) return notNow(why);
  return new Promise((resolve, reject) => {
    const cancel = after(timeout, () => {
      forget();
      reject(tooLate(why, timeout));
    });
    const forget = onceSettled(promise, () => {
      cancel();
      resolve(promise);
    });
  });
}

/**
 * Not a timer of 0 ms: that is one of 1 ms, in which a result that comes would win. Takes a turn, so that a loop of polls lets
 * results come.
 */
async function notNow(why: string): Promise<never> {
  await new Promise(setImmediate);
  throw tooLate(why, 0);
}

function tooLate(why: string, timeout: number): TimeoutError {
  return new TimeoutError(`${why} within ${timeout} ms`);
}

/** The callbacks that wait for each promise, for as long as they do. */
const waiting = new WeakMap<Promise<unknown>, Set<() => void>>();

/** Calls back when a promise has settled. Returns a function that cancels, as a promise cannot: one may be polled for hours. */
function onceSettled(promise: Promise<unknown>, callback: () => void): () => void {
  let callbacks = waiting.get(promise);
  if (callbacks === undefined) {
    const all = (callbacks = new Set());
    const tell = (): void => all.forEach((each) => each());
    waiting.set(promise, all);
    promise.then(tell, tell);
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

/** Checks the time limit of a wait: ms from 0 up, Infinity included, or left out. */
export function checkTimeout(timeout: unknown): void {
  if (timeout === undefined) return;
  if (typeof timeout !== 'number') throw new TypeError(expected('timeout', 'a number of ms', timeout));
  if (!(timeout >= 0)) throw new RangeError(expected('timeout', 'a number of ms from 0 up', timeout));
}
