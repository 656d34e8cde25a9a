import type { TaskName } from '../tasks.js';

/** A pool of `workers` workers, whoever made it, as a question sees it. Every task takes one argument. */
export interface PeerPool {
  /** One call, its answer awaited before the next. */
  call(task: TaskName, argument: unknown): PromiseLike<unknown>;

  /** All calls submitted at once, through what the peer offers for one call. */
  callAll(task: TaskName, args: readonly unknown[]): Promise<readonly unknown[]>;

  /** The peer's own map; the same as `callAll` where it has none. */
  map(task: TaskName, items: readonly unknown[]): Promise<readonly unknown[]>;

  close(): Promise<void>;
}

/** What kind of worker does the work: goals name the kind that they compare with. */
export type Kind = 'forkpool' | 'forkpool-thread' | 'process' | 'thread' | 'python' | 'bare';

interface Common {
  readonly name: string;
  readonly kind: Kind;
  /** The questions it can answer; all, where left out. */
  readonly questions?: readonly string[];
  /** Whether items of its map travel in chunks. One message an item makes a million items a matter of minutes. */
  readonly chunks: boolean;
}

/** Runs in a Node master. Its adapter is loaded there only, so no master carries the modules of another. */
export interface NodeContender extends Common {
  readonly runs: 'node';
  /** The npm package, for its version. */
  readonly package?: string;
  readonly open: (workers: number) => Promise<PeerPool>;
}

/** Runs in a master of its own language: the arguments are those of `peers/python_pool.py`. */
export interface PythonContender extends Common {
  readonly runs: 'python';
  readonly pool: 'Pool' | 'ThreadPool';
}

export type Contender = NodeContender | PythonContender;

/** `callAll` of a pool that answers each call with a promise. */
export function oneByOne(call: PeerPool['call']): PeerPool['callAll'] {
  return (task, args) => Promise.all(args.map((argument) => call(task, argument)));
}
