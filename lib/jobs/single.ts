import { warnOfRejection, type Settle } from '../async-result.js';
import type { Call, Chunk, TaskPlace } from '../executor.js';
import { now } from '../wire/clock.js';
import type { Values } from '../wire/values.js';
import { nextJobId, type JobOwner, type OnReport, type UserJob } from './user-job.js';

/** A job of one task: `apply`. */
export class SingleJob implements UserJob {
  readonly id = nextJobId();
  seat = -1;
  readonly call: Call;
  readonly #owner: JobOwner;
  readonly #settle: Settle<unknown>;
  readonly #onReport: OnReport | undefined;
  readonly #since = now();
  // Fields that change are written twice from the start. V8 takes a field written once for a constant, and drops compiled code
  // when that changes: with the first outcome, all that a program's first calls went through.
  /** Released when the task is taken, so that the arguments live no longer than the task. */
  #args: readonly unknown[] | undefined = undefined;
  #open = false;

  constructor(owner: JobOwner, call: Call, args: readonly unknown[], settle: Settle<unknown>, onReport?: OnReport) {
    this.#owner = owner;
    this.call = call;
    this.#args = args;
    this.#settle = settle;
    this.#onReport = onReport;
    this.#open = true;
  }

  get open(): boolean {
    return this.#open;
  }

  get busy(): boolean {
    return this.#open;
  }

  get waiting(): number {
    return this.#args === undefined ? 0 : 1;
  }

  get known(): number {
    return this.waiting;
  }

  take(): Chunk | undefined {
    if (this.#args === undefined) return undefined;
    const items = [this.#args];
    this.#args = undefined;
    return { job: this, index: 0, attempt: 1, items, since: this.#since };
  }

  fulfilled(_index: number, values: Values): void {
    if (this.#close()) this.#settle.resolve(values[0]);
  }

  rejected(_index: number, error: unknown): void {
    if (this.#close(error)) this.#settle.reject(error);
  }

  progressed(): void {}

  withdrawn(): void {}

  reported(index: number, attempt: number, value: unknown): void {
    if (!this.#open) return;
    try {
      warnOfRejection(this.#onReport?.(value, { index, attempt }));
    } catch (error) {
      this.fail(error);
    }
  }

  place(): TaskPlace {
    return { job: this.id, index: 0 };
  }

  fail(error: unknown): void {
    if (!this.#close(error)) return;
    this.#owner.executor.withdraw(this);
    this.#settle.reject(error);
  }

  abort(reason: unknown): void {
    if (!this.#close(reason)) return;
    this.#owner.executor.abort(this, reason);
    this.#settle.reject(reason);
  }

  /** True the first time: a job has one outcome. */
  #close(error?: unknown): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#args = undefined;
    this.#owner.ended(this, error);
    return true;
  }
}
