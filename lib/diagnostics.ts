import { channel, type Channel } from 'node:diagnostics_channel';
import type { WorkerEnd } from './errors.js';
import type { Retirement, WorkerState } from './local/lifecycle.js';

/** What is published, by the name of its `node:diagnostics_channel`. */
export interface Diagnostics {
  /** A worker has moved from one state to another. */
  'forkpool:worker:state': {
    worker: number;
    pid: number | undefined;
    from: WorkerState['is'];
    to: WorkerState['is'];
    because?: Retirement;
  };
  /** A worker has gone. A task's uncaught error is not in `end`, but in the errors of the tasks that were lost. */
  'forkpool:worker:exit': { worker: number; end: WorkerEnd };
  /** A job was submitted. */
  'forkpool:job:start': { job: number; kind: JobKind };
  /** All tasks of a job have answered, or it was given up. */
  'forkpool:job:end': { job: number; error?: unknown };
  /** Tasks were given to a worker; `index` is that of the first in its job. */
  'forkpool:tasks:dispatch': { worker: number; job: number; index: number; count: number; attempt: number };
  /** Tasks were answered with values, or one with an error. `ms`: how long all of them took; absent where none answered. */
  'forkpool:tasks:settle': { job: number; index: number; count: number; ms?: number; error?: unknown };
  /** An AsyncResult failed, and nobody had asked for it. */
  'forkpool:result:unobserved': { error: unknown };
}

/** Which of the user's calls made a job. A call with `Async` has the kind of the one without. */
export type JobKind = 'apply' | 'map' | 'starmap' | 'imap' | 'imapUnordered';

/**
 * Looked up once: a channel stays the same while somebody holds it. Where making the message costs something, callers look at
 * `hasSubscribers` first, of the channel by its literal name, which V8 compiles to one load.
 */
export const channels: Readonly<Record<keyof Diagnostics, Channel>> = {
  'forkpool:worker:state': channel('forkpool:worker:state'),
  'forkpool:worker:exit': channel('forkpool:worker:exit'),
  'forkpool:job:start': channel('forkpool:job:start'),
  'forkpool:job:end': channel('forkpool:job:end'),
  'forkpool:tasks:dispatch': channel('forkpool:tasks:dispatch'),
  'forkpool:tasks:settle': channel('forkpool:tasks:settle'),
  'forkpool:result:unobserved': channel('forkpool:result:unobserved'),
};

export function publish<Name extends keyof Diagnostics>(name: Name, message: Diagnostics[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}
