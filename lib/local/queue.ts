import { DEFAULT_PRIORITY, shared, slice, tasksOf, type Chunk, type Job } from '../executor.js';
import { Batch } from './batch.js';

/** The jobs of one priority. All single calls are one turn, as each map is: an `apply` never waits behind a whole map. */
class Level {
  readonly priority: number;
  /** Those that have something to give. */
  readonly turns: Turn[] = [];
  readonly #singles = new Singles();
  readonly #maps = new Map<Job, MapTurn>();

  constructor(priority: number) {
    this.priority = priority;
  }

  /** True when it has its turn from now on: of single calls, the first. */
  add(job: Job): boolean {
    const turn = job.call.single ? this.#singles : this.#turnOf(job);
    turn.add(job);
    return this.#enter(turn);
  }

  /** A map has had its turn then. */
  giveBack(chunk: Chunk): void {
    const turn = chunk.job.call.single ? this.#singles : this.#turnOf(chunk.job);
    turn.giveBack(chunk);
    const at = turn === this.#singles ? -1 : this.turns.indexOf(turn);
    if (at !== -1) this.turns.splice(at, 1);
    this.#enter(turn);
  }

  take(limit: Limit): Chunk | undefined {
    for (let tries = this.turns.length; tries > 0; tries--) {
      const turn = this.turns.shift();
      const chunk = turn?.take(limit);
      if (turn !== undefined && turn.waiting > 0) this.#enter(turn);
      else if (turn instanceof MapTurn && !this.turns.includes(turn)) this.#maps.delete(turn.job);
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** Whether a single call waits. */
  get hasSingle(): boolean {
    return this.turns.includes(this.#singles);
  }

  forget(job: Job): Chunk[] {
    return (job.call.single ? this.#singles : this.#maps.get(job))?.forget(job) ?? [];
  }

  get waiting(): number {
    let sum = 0;
    for (const turn of this.turns) sum += turn.waiting;
    return sum;
  }

  get returned(): number {
    return this.turns.reduce((sum, turn) => sum + turn.returned, 0);
  }

  #turnOf(job: Job): MapTurn {
    let turn = this.#maps.get(job);
    if (turn === undefined) this.#maps.set(job, (turn = new MapTurn(job)));
    return turn;
  }

  #enter(turn: Turn): boolean {
    if (this.turns.includes(turn)) return false;
    this.turns.push(turn);
    return true;
  }
}

interface Turn {
  readonly waiting: number;
  readonly returned: number;
  add(job: Job): void;
  giveBack(chunk: Chunk): void;
  take(limit: Limit): Chunk | undefined;
  forget(job: Job): Chunk[];
}

/** How many tasks of a job to take at once, when so many wait; `isBack`: when so many were given back. */
type Limit = (job: Job, waiting: number, isBack: boolean) => number;

/** Single calls, first come, first served; those that have all in common travel together. */
class Singles implements Turn {
  #jobs: (Job | undefined)[] = [];
  #head = 0;
  /** How many may have ended while they waited, since that was last looked at. */
  #ended = 0;
  #returned: Chunk[] = [];

  get waiting(): number {
    return this.#jobs.length - this.#head + this.returned;
  }

  get returned(): number {
    return tasksOf(this.#returned);
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  giveBack(chunk: Chunk): void {
    this.#returned.push(chunk);
  }

  take(limit: Limit): Chunk | undefined {
    const returned = takeReturned(this.#returned, limit);
    if (returned !== undefined) return returned;
    while (this.#head < this.#jobs.length) {
      const chunk = Batch.of(this.#next(limit));
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** The next calls that have all in common. */
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
    // To take all of it out would leave it as large as it was.
    if (this.#head === this.#jobs.length) this.#jobs.length = 0;
    else this.#jobs.splice(0, this.#head);
    this.#head = 0;
  }

  forget(job: Job): Chunk[] {
    this.#ended++;
    if (2 * this.#ended > this.#jobs.length - this.#head) this.#dropEnded();
    const forgotten = this.#returned.filter((chunk) => chunk.job === job);
    this.#returned = this.#returned.filter((chunk) => chunk.job !== job);
    return forgotten;
  }

  /** All workers may be busy for hours while callers give up. When half of them may have, it costs each a step or two. */
  #dropEnded(): void {
    this.#jobs = this.#jobs.slice(this.#head).filter((job) => job?.open === true);
    this.#head = 0;
    this.#ended = 0;
  }
}

/** One map. */
class MapTurn implements Turn {
  readonly job: Job;
  #returned: Chunk[] = [];

  constructor(job: Job) {
    this.job = job;
  }

  get waiting(): number {
    return this.job.waiting + this.returned;
  }

  get returned(): number {
    return tasksOf(this.#returned);
  }

  add(): void {}

  giveBack(chunk: Chunk): void {
    this.#returned.push(chunk);
  }

  take(limit: Limit): Chunk | undefined {
    return takeReturned(this.#returned, limit) ?? this.job.take(limit(this.job, this.job.waiting, false));
  }

  forget(): Chunk[] {
    return this.#returned.splice(0);
  }
}

/** What was given back comes first, in pieces no larger than the limit. */
function takeReturned(returned: Chunk[], limit: Limit): Chunk | undefined {
  const chunk = returned.shift();
  if (chunk === undefined) return undefined;
  const most = Math.max(1, limit(chunk.job, chunk.items.length, true));
  if (chunk.items.length <= most) return chunk;
  const whole = shared(chunk);
  returned.unshift(slice(whole, most));
  return slice(whole, 0, most);
}

/** What waits for a worker: higher priorities first, and fair turns among equals. */
export class Queue {
  /** Almost all calls have this priority: they find it without a search. */
  readonly #usual = new Level(DEFAULT_PRIORITY);
  /** Those that something waits in, or did when they were last looked at. */
  #others: Level[] = [];

  /** True when nothing like it waited: no single call of its priority, or not this map. */
  add(job: Job): boolean {
    return this.#level(job.call.priority).add(job);
  }

  /** Takes back tasks that a worker was given and did not begin; they are next of their job. */
  giveBack(chunk: Chunk): void {
    this.#level(chunk.job.call.priority).giveBack(chunk);
  }

  /** A job that is asked for tasks may run its user's code, which may submit more: what comes meanwhile is kept. */
  take(limit: Limit): Chunk | undefined {
    if (this.#others.length === 0) return this.#usual.take(limit);
    for (const level of this.#levels.toSorted((a, b) => b.priority - a.priority)) {
      const chunk = level.take(limit);
      if (level.turns.length === 0) this.#others = this.#others.filter((other) => other !== level);
      if (chunk !== undefined) return chunk;
    }
    return undefined;
  }

  /** Forgets what was given back of a job, and returns it; what it has not handed out is the job's own affair. */
  forget(job: Job): Chunk[] {
    return this.#levels.find(({ priority }) => priority === job.call.priority)?.forget(job) ?? [];
  }

  /** Also while all that waited is being taken: what is added meanwhile is first. */
  get empty(): boolean {
    return this.#usual.turns.length === 0 && this.#others.every(({ turns }) => turns.length === 0);
  }

  /** Of what waits, the highest priority, and whether a single call has it; undefined where nothing waits. */
  get foremost(): { readonly priority: number; readonly isSingle: boolean } | undefined {
    let first = this.#usual.turns.length > 0 ? this.#usual : undefined;
    for (const level of this.#others)
      if (level.turns.length > 0 && level.priority > (first?.priority ?? -Infinity)) first = level;
    return first && { priority: first.priority, isSingle: first.hasSingle };
  }

  get waiting(): number {
    return this.#others.reduce((sum, { waiting }) => sum + waiting, this.#usual.waiting);
  }

  /** Tasks that were given back and wait again. */
  get returned(): number {
    return this.#others.reduce((sum, { returned }) => sum + returned, this.#usual.returned);
  }

  get #levels(): Level[] {
    return [this.#usual, ...this.#others];
  }

  #level(priority: number): Level {
    if (priority === DEFAULT_PRIORITY) return this.#usual;
    let level = this.#others.find((other) => other.priority === priority);
    if (level === undefined) this.#others.push((level = new Level(priority)));
    return level;
  }
}
