import type { Bytes } from '../moving.js';
import type { TaskName } from '../tasks.js';

/** A pool, whoever made it, as a question sees it. Every task takes one argument. */
export interface PeerPool {
  /** Every worker is there; left out if a pool cannot tell. */
  ready?(): Promise<void>;

  /** One call, its answer awaited before the next. */
  call(task: TaskName, argument: unknown): PromiseLike<unknown>;

  /** All calls submitted at once, through what the peer offers for one call. */
  callAll(task: TaskName, args: readonly unknown[]): Promise<readonly unknown[]>;

  /** The peer's own map; the same as `callAll` if it has none. */
  map(task: TaskName, items: readonly unknown[]): Promise<readonly unknown[]>;

  /** `callAll` of an echo whose buffers move there and back instead of being copied, if a pool can do that. */
  moveAll?(buffers: readonly Bytes[]): Promise<readonly unknown[]>;

  close(): Promise<void>;
}

/** What a question asks for beyond a peer's defaults. A peer that has no such option leaves it out. */
export interface Opening {
  readonly workers: number;
  /** Tasks that a worker runs at once. */
  readonly concurrency?: number;
  /** Tasks after which a worker is replaced. */
  readonly maxtasksperchild?: number;
  /** `buffers`: a Buffer must arrive as a Buffer, which some peers do only when told. */
  readonly carrying?: 'buffers';
}

export type Open = (opening: Opening) => Promise<PeerPool>;

/** What kind of worker does the work: goals name the kind that they compare with. */
export type Kind =
  'forkpool' | 'forkpool-thread' | 'process' | 'thread' | 'python' | 'python-thread' | 'bare' | 'bare-thread';

interface Common {
  readonly name: string;
  readonly kind: Kind;
  /** The questions it can answer; all, if left out. */
  readonly questions?: readonly string[];
  /** Whether items of its map travel in chunks. One message an item makes a million items a matter of minutes. */
  readonly chunks: boolean;
  /** Whether a worker of it can run several tasks at once. */
  readonly concurrent?: true;
  /** Whether it can replace a worker after a number of tasks. */
  readonly recycles?: true;
  /** Does the same without a pool, and so shows what is left to win. A question is asked of one such. */
  readonly noPool?: true;
}

/** Runs in a Node master. Its adapter is loaded there only, so no master carries the modules of another. */
export interface NodeContender extends Common {
  readonly runs: 'node';
  /** The npm package, for its version. */
  readonly package?: string;
  /** Loads the peer's modules, so that opening a pool does not. */
  readonly load: () => Promise<Open>;
}

/** Runs in a master of its own language: the arguments are those of `peers/python_pool.py`. */
export interface PythonContender extends Common {
  readonly runs: 'python';
  readonly pool: 'Pool' | 'ThreadPool' | 'ProcessPoolExecutor';
}

export type Contender = NodeContender | PythonContender;

/** Whether it takes part only with `--threads`. */
export function isOfThreads({ kind }: { readonly kind: string }): boolean {
  return kind.endsWith('thread');
}

/** `callAll` of a pool that answers each call with a promise. */
export function oneByOne(call: PeerPool['call']): PeerPool['callAll'] {
  return (task, args) => Promise.all(args.map((argument) => call(task, argument)));
}
