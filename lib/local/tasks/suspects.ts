import type { WorkerEnd } from '../../errors.js';
import { withoutEnded } from '../queue/batch.js';
import { shared, slice, type LocalChunk } from '../queue/chunks.js';
import type { Outcomes } from './outcomes.js';
import type { PoolWorker } from '../pool-worker.js';

/** If this many workers in a row died just before they began a task, that task is to blame. */
const MOST_IN_VAIN = 3;

/** Tasks whose worker died, to be run again: each alone, so that one that kills its worker takes nobody with it. See README.md. */
export class Suspects {
  readonly #outcomes: Outcomes;
  readonly #waiting: LocalChunk[] = [];

  constructor(outcomes: Outcomes) {
    this.#outcomes = outcomes;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** The next, to be given to a worker alone. */
  next(): LocalChunk | undefined {
    return this.#waiting.shift();
  }

  /** Has a task wait, unless its caller has given it up. */
  add(task: LocalChunk): void {
    const open = withoutEnded(task);
    if (open === undefined) task.job.withdrawn(task.items.length);
    else this.#waiting.push(open);
  }

  /** Gives up those whose jobs are not open any more. */
  sift(): void {
    for (const task of this.#waiting.splice(0)) this.add(task);
  }

  /** A worker died in a task, or may have: the task runs again, or fails. `suspects`: how many it may have been. */
  lose(worker: PoolWorker, task: LocalChunk, end: WorkerEnd, suspects: number): void {
    const open = withoutEnded(task);
    const mayRunAgain = open !== undefined && task.attempt <= task.job.call.retries;
    if (mayRunAgain) this.add({ ...open, attempt: task.attempt + 1 });
    else this.#outcomes.lose(task, worker, end, suspects);
  }

  /**
   * The tasks that a worker had not begun, without the first: it may have died loading that one's module, or reading what it
   * was sent. The first is tried again alone, until `lose` ends that.
   */
  withoutFirst(chunks: readonly LocalChunk[], lose: (task: LocalChunk) => void): readonly LocalChunk[] {
    const [chunk, ...others] = chunks;
    if (chunk === undefined) return chunks;
    const isOne = chunk.items.length === 1;
    const whole = isOne ? chunk : shared(chunk);
    const inVain = (chunk.inVain ?? 0) + 1;
    const task = { ...slice(whole, 0, 1), inVain };
    if (inVain < MOST_IN_VAIN) this.add(task);
    else {
      lose(task);
      task.job.progressed();
    }
    return isOne ? others : [slice(whole, 1), ...others];
  }
}
