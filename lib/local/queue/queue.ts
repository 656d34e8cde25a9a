import { DEFAULT_PRIORITY, type Job } from '../../executor.js';
import type { LocalChunk } from './chunks.js';
import { MapTurn, Round, Singles, type Limit, type Turn } from './turns.js';

/** The jobs of one priority. All single calls are one turn, as each map is: an `apply` never waits behind a whole map. */
class Level {
  readonly priority: number;
  /** Turns with something to give. */
  readonly #turns = new Round();
  readonly #singles = new Singles();
  readonly #maps = new Map<Job, MapTurn>();

  constructor(priority: number) {
    this.priority = priority;
  }

  get empty(): boolean {
    return this.#turns.size === 0;
  }

  /** Whether a single call waits. */
  get hasSingle(): boolean {
    return this.#turns.has(this.#singles);
  }

  /** True when it is the first of what waits here, or the first single call. */
  add(job: Job): boolean {
    if (job.call.single) {
      this.#singles.add(job);
      return this.#turns.add(this.#singles);
    }
    const isFirst = this.empty;
    this.#turns.add(this.#turnOf(job));
    return isFirst;
  }

  /** A map goes last: it had a turn. */
  giveBack(chunk: LocalChunk): void {
    const turn = chunk.job.call.single ? this.#singles : this.#turnOf(chunk.job);
    turn.giveBack(chunk);
    if (turn !== this.#singles) this.#turns.delete(turn);
    this.#turns.add(turn);
  }

  take(limit: Limit): LocalChunk | undefined {
    for (let tries = this.#turns.size; tries > 0; tries--) {
      const turn = this.#turns.first;
      if (turn === undefined) break;
      // Put last before its code runs, which may submit more, or end this job and others.
      this.#turns.delete(turn);
      this.#turns.add(turn);
      const chunk = turn.take(limit);
      this.#leaveIfDone(turn);
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  forget(job: Job): LocalChunk[] {
    const turn = job.call.single ? this.#singles : this.#maps.get(job);
    if (turn === undefined) return [];
    const forgotten = turn.forget(job);
    this.#leaveIfDone(turn);
    return forgotten;
  }

  /** Tasks that wait, counted until there are enough of them. */
  waiting(enough: number): number {
    let sum = 0;
    for (const turn of this.#turns) {
      if (sum >= enough) break;
      sum += turn.waiting;
    }
    return sum;
  }

  get returned(): number {
    let sum = 0;
    for (const turn of this.#turns) sum += turn.returned;
    return sum;
  }

  #turnOf(job: Job): MapTurn {
    let turn = this.#maps.get(job);
    if (turn === undefined) this.#maps.set(job, (turn = new MapTurn(job)));
    return turn;
  }

  /** Keeps nothing of a job with no more to give: it may have ended, and its input be large. */
  #leaveIfDone(turn: Turn): void {
    if (turn.waiting > 0) return;
    this.#turns.delete(turn);
    if (turn instanceof MapTurn) this.#maps.delete(turn.job);
  }
}

/**
 * A binary heap of levels, since only the highest is wanted. A sorted list would be shorter, and as fast up to 10,000 levels; but a
 * new one moves all that are higher: with 100,000, a call takes 50 µs there and 5 to 10 here (measured).
 */
class Levels implements Iterable<Level> {
  /** None is lower than the two at `2 * at + 1` and `2 * at + 2`. */
  readonly #heap: Level[] = [];
  readonly #known = new Map<number, Level>();

  get highest(): Level | undefined {
    return this.#heap[0];
  }

  of(priority: number): Level | undefined {
    return this.#known.get(priority);
  }

  add(level: Level): void {
    this.#known.set(level.priority, level);
    let at = this.#heap.push(level) - 1;
    for (let above = (at - 1) >> 1; at > 0 && this.#isHigher(at, above); above = (at - 1) >> 1) {
      this.#swap(at, above);
      at = above;
    }
  }

  deleteHighest(): void {
    const last = this.#heap.pop();
    if (last === undefined) return;
    this.#known.delete((this.#heap[0] ?? last).priority);
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const higher = this.#isHigher(right, left) ? right : left;
      if (!this.#isHigher(higher, at)) return;
      this.#swap(at, higher);
      at = higher;
    }
  }

  [Symbol.iterator](): IterableIterator<Level> {
    return this.#heap.values();
  }

  #isHigher(at: number, than: number): boolean {
    return (this.#heap[at]?.priority ?? -Infinity) > (this.#heap[than]?.priority ?? -Infinity);
  }

  #swap(at: number, other: number): void {
    const level = this.#heap[at] as Level;
    this.#heap[at] = this.#heap[other] as Level;
    this.#heap[other] = level;
  }
}

/** Jobs that wait for workers: higher priorities first, fair turns among equals. */
export class Queue {
  /** The level of almost all calls, found without a search. */
  readonly #usual = new Level(DEFAULT_PRIORITY);
  /** All other levels; an empty one is dropped once it is the highest. */
  readonly #others = new Levels();

  /** True when that changes what is foremost. */
  add(job: Job): boolean {
    const level = this.#levelOf(job.call.priority);
    return level.add(job) && level === this.#first();
  }

  /** Takes back tasks that a worker was given and did not begin: the next of their job. */
  giveBack(chunk: LocalChunk): void {
    this.#levelOf(chunk.job.call.priority).giveBack(chunk);
  }

  /** Asking a job for tasks may run the user's code, which may submit more: what comes meanwhile is kept. */
  take(limit: Limit): LocalChunk | undefined {
    for (let level = this.#first(); level !== undefined; level = this.#first()) {
      const chunk = level.take(limit);
      // A level that gave nothing and yet is not empty got jobs meanwhile: whoever submitted them asks again.
      if (chunk !== undefined || !level.empty) return chunk;
    }
    return undefined;
  }

  /** Forgets a job that is not open any more. Returns what was given back of it; what it has not handed out is its own affair. */
  forget(job: Job): LocalChunk[] {
    return this.#known(job.call.priority)?.forget(job) ?? [];
  }

  get empty(): boolean {
    // Asked with each call.
    return this.#usual.empty && this.#first() === undefined;
  }

  /** The highest priority that waits, and whether a single call has it; undefined if nothing waits. */
  get foremost(): { readonly priority: number; readonly isSingle: boolean } | undefined {
    const level = this.#first();
    return level && { priority: level.priority, isSingle: level.hasSingle };
  }

  /** Tasks that wait, counted until there are enough: the cost of an answer should not grow with the number of maps that wait. */
  waiting(enough = Infinity): number {
    let sum = this.#usual.waiting(enough);
    for (const level of this.#others) {
      if (sum >= enough) break;
      sum += level.waiting(enough - sum);
    }
    return sum;
  }

  /** Tasks that were given back and wait again. */
  get returned(): number {
    let sum = this.#usual.returned;
    for (const { returned } of this.#others) sum += returned;
    return sum;
  }

  /** The level of the highest priority that something waits in. Drops those above it. */
  #first(): Level | undefined {
    let { highest } = this.#others;
    while (highest?.empty === true) {
      this.#others.deleteHighest();
      ({ highest } = this.#others);
    }
    return this.#usual.empty || (highest?.priority ?? -Infinity) > this.#usual.priority ? highest : this.#usual;
  }

  #known(priority: number): Level | undefined {
    return priority === DEFAULT_PRIORITY ? this.#usual : this.#others.of(priority);
  }

  #levelOf(priority: number): Level {
    const known = this.#known(priority);
    if (known !== undefined) return known;
    const level = new Level(priority);
    this.#others.add(level);
    return level;
  }
}
