import { singly, type LocalChunk } from '../queue/chunks.js';
import { EMPTY, type Pace } from './pace.js';
import type { PoolWorker } from '../pool-worker.js';
import type { Queue } from '../queue/queue.js';

export interface PortionOptions {
  readonly processes: number;
  readonly concurrency: number;
}

/** Takes from the queue what should travel to a worker in one message. */
export class Portions {
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #options: PortionOptions;

  constructor(queue: Queue, pace: Pace, options: PortionOptions) {
    this.#queue = queue;
    this.#pace = pace;
    this.#options = options;
  }

  /** The chunks of the next message to a worker: more than one when they are short and many wait. */
  next(worker: PoolWorker): LocalChunk[] {
    return this.#options.concurrency === 1 ? this.#oneAfterAnother(worker) : this.#atOnce(worker);
  }

  #oneAfterAnother(worker: PoolWorker): LocalChunk[] {
    const chunks: LocalChunk[] = [];
    // Half of what each worker would get, so that all end together: shares for twice as many.
    const shares = 2 * this.#options.processes;
    let life = worker.left;
    for (let tasks = 0, share = 0, weight = EMPTY; life > 0 && this.#pace.hasRoom(weight);) {
      // Counted no further than this message may need.
      if (tasks >= share) share = Math.ceil((tasks + this.#queue.waiting(2 * shares * (tasks + 1))) / shares);
      if (tasks > 0 && tasks >= share) break;
      const chunk = this.#take(life);
      if (chunk === undefined) break;
      chunks.push(chunk);
      tasks += chunk.items.length;
      life -= chunk.items.length;
      weight = this.#pace.with(weight, chunk);
    }
    return chunks;
  }

  /** Only as many tasks as free places: the rest may find one elsewhere. */
  #atOnce(worker: PoolWorker): LocalChunk[] {
    const { concurrency, processes } = this.#options;
    const free = concurrency - worker.load;
    const fairShare = Math.ceil(this.#queue.waiting(free * processes) / processes);
    const places = Math.max(1, Math.min(free, fairShare));
    const chunks: LocalChunk[] = [];
    let life = worker.left;
    while (chunks.length < places && life > 0) {
      const chunk = this.#take(life, places - chunks.length);
      if (chunk === undefined) break;
      chunks.push(...divided(chunk));
      life -= chunk.items.length;
    }
    return chunks;
  }

  #take(life: number, most = Infinity): LocalChunk | undefined {
    const { processes } = this.#options;
    return this.#queue.take((job, waiting, isBack) => {
      const size = job.call.chunksize ?? Math.min(most, this.#pace.chunksize(job, waiting, processes, isBack));
      return Math.min(life, size);
    });
  }
}

/** A chunk whose tasks run at once and answer in any order. */
function divided(chunk: LocalChunk): LocalChunk[] {
  return singly({ ...chunk, parts: { left: chunk.items.length } });
}
