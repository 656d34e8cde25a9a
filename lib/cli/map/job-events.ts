import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Diagnostics } from '../../index.js';

export type Dispatch = Diagnostics['forkpool:tasks:dispatch'];
export type Settle = Diagnostics['forkpool:tasks:settle'];

/** Told what becomes of the tasks of a job at the moment it happens. */
export interface JobListener {
  dispatched(message: Dispatch): void;
  settled(message: Settle): void;
}

/**
 * What the pool publishes of one job: a message for tasks that travel together, so it costs little. `onProgress` says less:
 * it is not called for a task that was lost or stopped until another one has answered.
 */
export class JobEvents {
  readonly #listener: JobListener;
  /** Undefined before it began. Tasks in this process may have pools, and jobs, of their own. */
  #job: number | undefined;

  constructor(listener: JobListener) {
    this.#listener = listener;
  }

  /** Listens to the job that the call submits. */
  watch<T>(submit: () => T): T {
    subscribe('forkpool:tasks:dispatch', this.#dispatched);
    subscribe('forkpool:tasks:settle', this.#settled);
    subscribe('forkpool:job:start', this.#started);
    try {
      return submit();
    } finally {
      unsubscribe('forkpool:job:start', this.#started);
    }
  }

  stop(): void {
    unsubscribe('forkpool:tasks:dispatch', this.#dispatched);
    unsubscribe('forkpool:tasks:settle', this.#settled);
  }

  readonly #started = (message: unknown): void => {
    this.#job ??= (message as Diagnostics['forkpool:job:start']).job;
  };

  readonly #dispatched = (message: unknown): void => {
    if ((message as Dispatch).job === this.#job) this.#listener.dispatched(message as Dispatch);
  };

  readonly #settled = (message: unknown): void => {
    if ((message as Settle).job === this.#job) this.#listener.settled(message as Settle);
  };
}
