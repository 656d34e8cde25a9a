import type { Chunk, Job } from '../../executor.js';
import { TINY_MS } from '../../wire/messages.js';
import { countOf } from '../queue/chunks.js';

/**
 * A message should keep a worker busy this long. A message and its answer cost about 0.06 ms on both sides together (measured):
 * 3 % of this.
 */
const MESSAGE_MS = 2;
/**
 * Less work than this is not worth a message while many tasks that seem tiny wait; ms. 20,000 no-ops are 1.2 times as fast
 * with it, a map of a million numbers 1.1 times; 0.2 and 0.4 were slower again (measured).
 */
const LEAST_MS = 0.1;
/** Many wait if this many wait per running worker. A few may be long, whatever came before: each worker gets its share. */
const MANY = 8;
/** Beyond this a message saves less than 10 % (measured: 64 tasks to 512 gives 10 %), but maps of numbers still gain. */
const MOST_TASKS = 4096;
/** Nothing is sent ahead to a worker with more work than this: a round trip is below 2 % of it. */
export const AHEAD_MS = 5;

/**
 * Bytes of a message beyond which more tasks in it save nothing and only wait in memory. After a large message, the next
 * one's fixed costs run from cold caches: 1 MiB there and back takes 0.85 to 0.93 of the time that it takes alone, 0.9 to a
 * thread, and 8 MiB in a message as much as 4 (measured).
 */
const MOST_BYTES = 4 << 20;

/** The worker's time and the memory that a message should take. */
export interface Weight {
  readonly ms: number;
  readonly bytes: number;
}

export const EMPTY: Weight = { ms: 0, bytes: 0 };

/** How long the tasks of each function take and how large they are, and so how many should travel together. */
export class Pace {
  readonly #ms = new WeakMap<object, number>();
  readonly #bytes = new WeakMap<object, number>();
  readonly #cores: number;

  /** `cores`: how many workers can run at once. */
  constructor(cores: number) {
    this.#cores = cores;
  }

  /** `count` tasks of the job took `each` ms. Recent tasks count most; a first one may have loaded its module. */
  record({ call }: Job, each: number, count: number): void {
    const before = this.#ms.get(call.reference);
    const weight = before === undefined || each < before ? Math.min(1, 0.3 * count) : 0.3;
    this.#ms.set(call.reference, before === undefined ? each : before + (each - before) * weight);
  }

  /** A message with these chunks, of one function or several, took this many bytes. The largest counts, and fades. */
  sent(chunks: readonly Chunk[], bytes: number): void {
    const each = bytes / countOf(chunks);
    for (const { job } of chunks) {
      const before = this.#bytes.get(job.call.reference) ?? 0;
      this.#bytes.set(job.call.reference, Math.max(each, before * 0.9));
    }
  }

  /** Expected ms of one task; Infinity while nothing is known. */
  of(job: Job): number {
    return this.#ms.get(job.call.reference) ?? Infinity;
  }

  /**
   * How many of the `waiting` tasks of a job without a `chunksize` go into its next chunk, if this many workers share them: few
   * when they are long, or when the end is near. `isBack`: they were taken back from a worker before they began, so they are not
   * what they seemed: each worker gets its share.
   */
  chunksize(job: Job, waiting: number, workers: number, isBack = false): number {
    const each = this.of(job);
    const worthAMessage = Math.floor(MESSAGE_MS / each);
    const fairShare = isBack ? half(waiting, workers) : this.#share(waiting, workers, each);
    const fitting = Math.floor(MOST_BYTES / (this.#bytes.get(job.call.reference) ?? 1));
    return Math.max(1, Math.min(worthAMessage, fairShare, fitting, MOST_TASKS));
  }

  /**
   * Half of what each worker would get, so that all end together; or all of it, while that is too little for a message. Many tiny
   * tasks are shared among as many workers as there are cores: 100,000 no-ops for 64 workers on 2 cores take 0.6 of the
   * CPU (measured).
   */
  #share(waiting: number, workers: number, each: number): number {
    const running = each < TINY_MS ? Math.min(workers, this.#cores) : workers;
    if (waiting < MANY * running) return half(waiting, workers);
    const least = Math.floor(LEAST_MS / each);
    return Math.max(half(waiting, running), Math.min(least, Math.ceil(waiting / running)));
  }

  /** Whether a message of such a weight has room for more. */
  hasRoom({ ms, bytes }: Weight): boolean {
    return ms < MESSAGE_MS && bytes < MOST_BYTES;
  }

  /** The weight of a message with one more chunk. */
  with({ ms, bytes }: Weight, { job, items }: Chunk): Weight {
    const each = this.#bytes.get(job.call.reference) ?? 0;
    return { ms: ms + this.of(job) * items.length, bytes: bytes + each * items.length };
  }
}

/** Half of what each worker would get. */
function half(waiting: number, workers: number): number {
  return Math.ceil(waiting / (2 * workers));
}
