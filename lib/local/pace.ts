import type { Chunk, Job } from '../executor.js';

/** A message should keep a worker busy for so long: 0.1 ms of handling is then less than 5 %. */
const MESSAGE_MS = 2;
/** Beyond this a message saves less than 10 % (measured: 64 tasks to 512 gives 10 %), but maps of numbers still gain. */
const MOST_TASKS = 4096;
/** Tasks that take longer are not sent ahead: the round trip they wait for is below 2 % of them. */
export const AHEAD_MS = 5;

/** How long the tasks of each function take, and so how many should travel together. */
export class Pace {
  readonly #ms = new WeakMap<object, number>();

  /** `count` tasks of the job took `ms` together. What is recent counts most; a first task may have loaded its module. */
  record({ call }: Job, ms: number, count: number): void {
    const each = ms / count;
    const before = this.#ms.get(call.reference);
    const weight = before === undefined || each < before ? Math.min(1, 0.3 * count) : 0.3;
    this.#ms.set(call.reference, before === undefined ? each : before + (each - before) * weight);
  }

  /** Expected ms of one task; Infinity while nothing is known. */
  of(job: Job): number {
    return this.#ms.get(job.call.reference) ?? Infinity;
  }

  /** Tasks in the next chunk, of `waiting` ones for so many workers: few when they are long, or when the end is near. */
  chunksize(job: Job, waiting: number, workers: number): number {
    if (job.call.chunksize !== undefined) return job.call.chunksize;
    const worthAMessage = Math.floor(MESSAGE_MS / this.of(job));
    const fairShare = Math.ceil(waiting / (2 * workers));
    return Math.max(1, Math.min(worthAMessage, fairShare, MOST_TASKS));
  }

  /** Whether a message with tasks of so many ms has room for more. */
  isShort(ms: number): boolean {
    return ms < MESSAGE_MS;
  }

  /** Expected ms of the chunks' tasks together. */
  expected(chunks: Iterable<Chunk>): number {
    let sum = 0;
    for (const { job, items } of chunks) sum += this.of(job) * items.length;
    return sum;
  }
}
