import { warnOfRejection } from '../async-result.js';
import type { OnProgress, OnReport, Progress } from './user-job.js';

export interface ListenerOptions {
  readonly onReport: OnReport | undefined;
  readonly onProgress: OnProgress | undefined;
}

/** The callbacks that a job of many tasks tells how it goes. One that throws ends the job with what it threw. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #fail: (error: unknown) => void;
  /** `done` when progress was last told. */
  #done = -1;
  /** `total` then: an input may reveal its end when all tasks have answered. */
  #total: number | undefined;

  /** `fail` ends the job. */
  constructor(options: ListenerOptions, fail: (error: unknown) => void) {
    this.#options = options;
    this.#fail = fail;
  }

  reported(index: number, attempt: number, value: unknown): void {
    const { onReport } = this.#options;
    if (onReport !== undefined) this.#guard(() => onReport(value, { index, attempt }));
  }

  /** Tells how far the job is, if that has changed. */
  progress(done: number, failed: number, total: Progress['total']): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined || (this.#done === done && this.#total === total)) return;
    this.#done = done;
    this.#total = total;
    this.#guard(() => onProgress({ done, failed, total }));
  }

  #guard(call: () => unknown): void {
    try {
      warnOfRejection(call());
    } catch (error) {
      this.#fail(error);
    }
  }
}
