import type { Job } from '../../executor.js';
import { Batch, withoutEnded } from './batch.js';
import { countOf, shared, slice, type LocalChunk } from './chunks.js';

/** Takes turns with others of its priority: one map, or all single calls together. */
export interface Turn {
  readonly waiting: number;
  readonly returned: number;
  /** Its neighbours in the round that it is in. */
  before: Turn | undefined;
  after: Turn | undefined;
  giveBack(chunk: LocalChunk): void;
  take(limit: Limit): LocalChunk | undefined;
  /** Returns what was given back of the job, which is not open any more. */
  forget(job: Job): LocalChunk[];
}

/** How many tasks of a job to take at once, of `waiting` ones; `isBack`: of ones that were given back. */
export type Limit = (job: Job, waiting: number, isBack: boolean) => number;

/** Turns in order, in a linked list: to find the first of a Set, V8 walks over all that were deleted from it. */
export class Round implements Iterable<Turn> {
  #first: Turn | undefined;
  #last: Turn | undefined;
  #size = 0;

  get first(): Turn | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  has(turn: Turn): boolean {
    return turn === this.#first || turn.before !== undefined;
  }

  /** Appends a turn, unless it is here already. True if it was not. */
  add(turn: Turn): boolean {
    if (this.has(turn)) return false;
    turn.before = this.#last;
    if (this.#last === undefined) this.#first = turn;
    else this.#last.after = turn;
    this.#last = turn;
    this.#size++;
    return true;
  }

  delete(turn: Turn): void {
    if (!this.has(turn)) return;
    const { before, after } = turn;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    turn.before = turn.after = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): IterableIterator<Turn> {
    for (let turn = this.#first; turn !== undefined; turn = turn.after) yield turn;
  }
}

/** Single calls, first come, first served; those with the same `Call` travel together. */
export class Singles implements Turn {
  before: Turn | undefined;
  after: Turn | undefined;
  #jobs: (Job | undefined)[] = [];
  #head = 0;
  /** How many may have ended while they waited, since `#dropEnded` last ran. */
  #ended = 0;
  #returned: LocalChunk[] = [];

  get waiting(): number {
    return this.#jobs.length - this.#head + this.returned;
  }

  get returned(): number {
    return countOf(this.#returned);
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  giveBack(chunk: LocalChunk): void {
    this.#returned.push(chunk);
  }

  take(limit: Limit): LocalChunk | undefined {
    const returned = takeReturned(this.#returned, limit);
    if (returned !== undefined) return returned;
    while (this.#head < this.#jobs.length) {
      const chunk = Batch.of(this.#next(limit));
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** The next calls with the same `Call`. */
  #next(limit: Limit): Job[] {
    const first = this.#jobs[this.#head] as Job;
    const end = this.#head + Math.max(1, limit(first, this.#jobs.length - this.#head, false));
    let at = this.#head;
    while (at < end && this.#jobs[at]?.call === first.call) at++;
    const next = this.#jobs.slice(this.#head, at) as Job[];
    this.#jobs.fill(undefined, this.#head, at);
    this.#head = at;
    this.#compact();
    return next;
  }

  #compact(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#jobs.length) return;
    // A splice of everything would keep its memory.
    if (this.#head === this.#jobs.length) this.#jobs.length = 0;
    else this.#jobs.splice(0, this.#head);
    this.#head = 0;
  }

  forget(job: Job): LocalChunk[] {
    const forgotten = this.#returned.filter((chunk) => chunk.job === job);
    this.#returned = this.#returned.filter((chunk) => chunk.job !== job);
    this.#ended++;
    if (2 * this.#ended > this.waiting) this.#dropEnded();
    return forgotten;
  }

  /** All workers may be busy for hours while callers give up. Run when half may have, this costs each a step or two. */
  #dropEnded(): void {
    this.#jobs = this.#jobs.slice(this.#head).filter((job) => job?.open === true);
    this.#returned = this.#returned.map(withoutEnded).filter((chunk) => chunk !== undefined);
    this.#head = 0;
    this.#ended = 0;
  }
}

export class MapTurn implements Turn {
  before: Turn | undefined;
  after: Turn | undefined;
  readonly job: Job;
  readonly #returned: LocalChunk[] = [];

  constructor(job: Job) {
    this.job = job;
  }

  get waiting(): number {
    return this.job.waiting + this.returned;
  }

  get returned(): number {
    return countOf(this.#returned);
  }

  giveBack(chunk: LocalChunk): void {
    this.#returned.push(chunk);
  }

  take(limit: Limit): LocalChunk | undefined {
    return takeReturned(this.#returned, limit) ?? this.job.take(limit(this.job, this.job.waiting, false));
  }

  forget(): LocalChunk[] {
    return this.#returned.splice(0);
  }
}

/** Takes what was given back, in pieces no larger than the limit. */
function takeReturned(returned: LocalChunk[], limit: Limit): LocalChunk | undefined {
  const chunk = returned.shift();
  if (chunk === undefined) return undefined;
  const most = Math.max(1, limit(chunk.job, chunk.items.length, true));
  if (chunk.items.length <= most) return chunk;
  const whole = shared(chunk);
  returned.unshift(slice(whole, most));
  return slice(whole, 0, most);
}
