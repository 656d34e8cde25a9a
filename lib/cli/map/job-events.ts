import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Diagnostics } from '../../index.js';

export type Settle = Diagnostics['forkpool:tasks:settle'];

/**
 * Listens to what the pool publishes of one job: one message for tasks that travel together, so it costs little. `onProgress`
 * says less: it is not called for a task that was lost or stopped until another one has answered.
 */
export class JobEvents {
  readonly #settled: (message: Settle) => void;
  /** The job's id, undefined before it began. Tasks in this process may have pools, and jobs, of their own. */
  #job: number | undefined;

  /** `settled` is told what becomes of the tasks of a job at the moment it happens. */
  constructor(settled: (message: Settle) => void) {
    this.#settled = settled;
  }

  /** Listens to the job that the call submits. */
  watch<T>(submit: () => T): T {
    subscribe('forkpool:tasks:settle', this.#published);
    subscribe('forkpool:job:start', this.#started);
    try {
      return submit();
    } finally {
      unsubscribe('forkpool:job:start', this.#started);
    }
  }

  stop(): void {
    unsubscribe('forkpool:tasks:settle', this.#published);
  }

  readonly #started = (message: unknown): void => {
    this.#job ??= (message as Diagnostics['forkpool:job:start']).job;
  };

  readonly #published = (message: unknown): void => {
    if ((message as Settle).job === this.#job) this.#settled(message as Settle);
  };
}
