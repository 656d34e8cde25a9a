import type { Call, Chunk, Job, TaskPlace } from '../../executor.js';
import type { Values } from '../../wire/values.js';

/**
 * Single calls with the same `Call` that travel as one chunk: a chunk for each would cost the master more than a tiny task
 * costs its worker. Each job gets its own outcome. None of them has a signal, which would give it a `Call` of its own.
 */
export class Batch implements Job {
  readonly call: Call;
  readonly #jobs: readonly Job[];

  constructor(call: Call, jobs: readonly Job[]) {
    this.call = call;
    this.#jobs = jobs;
  }

  /** The calls as a chunk; undefined when none waits any more. */
  static of(jobs: readonly Job[]): Chunk | undefined {
    if (jobs.length === 1) return jobs[0]?.take(1);
    let first: Chunk | undefined;
    const taken: Job[] = [];
    const items: unknown[] = [];
    for (const job of jobs) {
      const chunk = job.take(1);
      if (chunk === undefined) continue;
      first ??= chunk;
      taken.push(job);
      items.push(chunk.items[0]);
    }
    if (first === undefined || taken.length === 1) return first;
    return { ...first, job: new Batch(first.job.call, taken), items };
  }

  get open(): boolean {
    return this.#jobs.some(({ open }) => open);
  }

  /** What is left of a chunk of it. */
  openPart<C extends Chunk>(chunk: C): C | undefined {
    const left = [...chunk.items]
      .map((item, at) => ({ item, job: this.#jobs[chunk.index + at] }))
      .filter(({ job }) => job?.open === true);
    if (left.length === 0) return undefined;
    const jobs = left.map(({ job }) => job as Job);
    return { ...chunk, job: new Batch(this.call, jobs), index: 0, items: left.map(({ item }) => item) };
  }

  get waiting(): number {
    return 0;
  }

  take(): undefined {
    return undefined;
  }

  fulfilled(firstIndex: number, values: Values): void {
    for (let at = 0; at < values.length; at++) this.#jobs[firstIndex + at]?.fulfilled(0, [values[at]]);
  }

  rejected(index: number, error: unknown): void {
    this.#jobs[index]?.rejected(0, error);
  }

  /** A single call that is not open any more has its answer. */
  withdrawn(): void {}

  progressed(): void {}

  reported(index: number, attempt: number, value: unknown): void {
    this.#jobs[index]?.reported(0, attempt, value);
  }

  place(index: number): TaskPlace {
    return (this.#jobs[index] as Job).place(0);
  }
}

/** A chunk of single calls without those that have ended; undefined if all have. */
export function withoutEnded<C extends Chunk>(chunk: C): C | undefined {
  const { job } = chunk;
  return job instanceof Batch ? job.openPart(chunk) : job.open ? chunk : undefined;
}
