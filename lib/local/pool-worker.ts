import { channels, publish } from '../diagnostics.js';
import type { Job } from '../executor.js';
import { now } from '../wire/clock.js';
import {
  MOST_FUNCTIONS,
  type FunctionDefinition,
  type OutcomeRun,
  type TaskNumber,
  type WorkerSetup,
} from '../wire/messages.js';
import type { Reference } from '../wire/reference.js';
import { BusyClock } from './busy-clock.js';
import { chunkMessage } from './chunk-message.js';
import type { LocalChunk } from './queue/chunks.js';
import { Flights, type Answered, type Flight } from './flights.js';
import { next, tasksOf, type Retirement, type WorkerEvent, type WorkerState } from './lifecycle.js';
import { RecalledRange } from './recalled-range.js';
import type { Connection, ConnectionListener, Transport } from './transport.js';

/** A worker that was ready this long without a task is proven: replacing one that often is no storm; ms. */
const PROVEN_MS = 5000;

/** One worker as the master sees it: its state, what it was given, and the pipe to it. */
export class PoolWorker {
  readonly id: number;
  state: WorkerState = { is: 'spawning' };
  /** Tasks given and unanswered. Copied from the state, since each task asks for it six times. */
  load = 0;
  readonly flights = new Flights();
  /** Given, and then taken back. */
  #takenBack = 0;
  /** When it last said something, or began after a rest, by `now()`. */
  #heardOfAt = 0;
  /** When it became ready, by `now()`. */
  #readyAt = Infinity;
  readonly #busy = new BusyClock();
  readonly #life: number;
  #wornOut = false;
  #dyingOf: TaskNumber | undefined;
  #dyingError: { readonly error: unknown } | undefined;
  /** Numbers of functions. Weak: a program may make a function for each call. */
  readonly #functions = new WeakMap<Reference, number>();
  #functionIds = 0;
  readonly #connection: Connection;
  #asked = false;
  #resumed = false;
  readonly #recalled = new RecalledRange();

  /** `life`: how many tasks it may be given, without those taken back. */
  constructor(id: number, life: number, transport: Transport, listener: (worker: PoolWorker) => ConnectionListener) {
    this.id = id;
    this.#life = life;
    this.#connection = transport.connect(listener(this), () => this.flights.lastNumber);
  }

  get pid(): number | undefined {
    return this.#connection.pid;
  }

  /** ms that it has held tasks, while it retires too. */
  get busyMs(): number {
    return this.#busy.ms;
  }

  /** On its way to be ready. */
  get starting(): boolean {
    const { is } = this.state;
    return is === 'spawning' || is === 'loaded' || is === 'initialising';
  }

  /** Whether it may be given tasks. */
  get open(): boolean {
    return this.left > 0 && this.inService;
  }

  /** Whether it is ready or busy and responds, with no task that is stopped or must run alone. */
  get inService(): boolean {
    const { is } = this.state;
    return (is === 'ready' || is === 'busy') && !this.flights.blocked && !this.emptied;
  }

  /**
   * All that it held was taken back, and it has yet to say that it has seen that: it may be stuck outside its tasks, such as in
   * a module that it imports.
   */
  get emptied(): boolean {
    return this.load === 0 && !this.#recalled.empty;
  }

  /** It has said something, or begins after a rest. */
  heardOf(): void {
    this.#heardOfAt = now();
  }

  /** ms since it was last heard of, or last had nothing to do. */
  get silence(): number {
    return this.load === 0 ? 0 : now() - this.#heardOfAt;
  }

  /** Whether it was ever ready. */
  get wasReady(): boolean {
    return this.#readyAt !== Infinity;
  }

  /** Whether all that it was given was taken back: it has answered nothing, and runs nothing. */
  get untried(): boolean {
    return this.load === 0 && this.flights.lastNumber === this.#takenBack;
  }

  /**
   * Ready, and nothing shows yet that it works: it has answered nothing, though it was given tasks or has only just become
   * ready.
   */
  get unproven(): boolean {
    return this.state.is === 'ready' && this.untried && (this.flights.lastNumber > 0 || !this.lasted);
  }

  /** Whether it was ready long enough for its end not to count as a bad start. */
  get lasted(): boolean {
    return now() - this.#readyAt >= PROVEN_MS;
  }

  /** Whether it will be gone soon and should be replaced. */
  get leaving(): boolean {
    return this.#wornOut || this.state.is === 'retiring';
  }

  /** Says whether it is near its limit: then it is time to start its replacement. */
  foresee(isNear: boolean): void {
    this.#wornOut = isNear;
  }

  /** It is about to die, in this task and of this error as far as they are known. What is known first counts. */
  dying(task: TaskNumber | undefined, error?: { readonly error: unknown }): void {
    this.#dyingOf ??= task;
    this.#dyingError ??= error;
  }

  get dyingOf(): TaskNumber | undefined {
    return this.#dyingOf;
  }

  get dyingError(): { readonly error: unknown } | undefined {
    return this.#dyingError;
  }

  /** How many tasks it may still be given. */
  get left(): number {
    return this.#life - this.flights.lastNumber + this.#takenBack;
  }

  /** `at`: when it happened, by `now()`; by default now. */
  apply(event: WorkerEvent, at?: number): void {
    const before = this.state;
    const state = next(before, event);
    this.state = state;
    this.load = tasksOf(state);
    this.#busy.set(this.load > 0, at);
    if (before.is === state.is) return;
    if (event.type === 'initialised') this.#readyAt = now();
    if (!channels['forkpool:worker:state'].hasSubscribers) return;
    const because = state.is === 'retiring' ? { because: state.because } : {};
    publish('forkpool:worker:state', { worker: this.id, pid: this.pid, from: before.is, to: state.is, ...because });
  }

  initialise(setup: WorkerSetup): void {
    this.#connection.send({ type: 'initialise', setup });
    this.apply({ type: 'initialise' });
  }

  /** Whether what it was sent last is still on its way. */
  get congested(): boolean {
    return this.#connection.congested;
  }

  /**
   * Gives it all chunks or none, and returns the bytes sent. Throws what made them impossible to encode; then nothing was
   * given. `alone`: it gets no others before it has answered these.
   */
  run(chunks: readonly LocalChunk[], alone = false): number {
    const functions: FunctionDefinition[] = [];
    const flights = this.flights.prepared(chunks, now());
    let bytes: number;
    try {
      const messages = flights.map(({ chunk, first }) =>
        chunkMessage(chunk, first, this.#functionId(chunk.job.call.reference, functions)),
      );
      bytes = this.#connection.send({ type: 'run', functions, chunks: messages });
    } catch (error) {
      for (const { reference } of functions) this.#functions.delete(reference);
      throw error;
    }
    const tasks = this.flights.add(flights, alone);
    if (this.load === 0) this.heardOf();
    this.apply({ type: 'assigned', tasks }, this.#heardOfAt);
    // Last, with all noted: a listener may stop a task.
    for (const flight of flights) this.#publish(flight);
    return bytes;
  }

  /** Whether it is at a flight's next task: with one at a time, that of its oldest flight; with more, one marked as begun. */
  isAt(flight: Flight, concurrency: number): boolean {
    if (this.flights.next === flight) return true;
    return concurrency > 1 && this.begun() >= flight.first + flight.done;
  }

  /** Takes a task off the books that nobody waits for and nothing can stop. */
  release(flight: Flight): void {
    const tasks = flight.size - flight.done;
    this.flights.advance(flight, tasks);
    this.#noteAnswered(tasks);
  }

  /** Takes `count` answered tasks off the books, from `number` on. Some of them may have been taken back before. */
  answered(number: TaskNumber, count: number): Answered[] {
    // What was taken back and it has passed, without declining it, it had begun.
    this.#recalled.seenUpTo(number + count);
    const all = this.flights.answered(number, count);
    let tasks = 0;
    for (const answered of all) tasks += answered.count;
    this.#noteAnswered(tasks, this.#heardOfAt);
    return all;
  }

  abort(task: TaskNumber, reason: unknown): void {
    try {
      this.#connection.send({ type: 'abort', task, reason });
    } catch {
      // The task need not know why.
      this.#connection.send({ type: 'abort', task, reason: new Error('The task was aborted') });
    }
  }

  /**
   * Takes back all tasks after `last` that have not begun. A task that is just beginning stays: the worker will run or
   * decline it. So does one whose arguments have moved to the worker, and those before it.
   */
  takeBack(last: TaskNumber = 0): LocalChunk[] {
    const kept = Math.max(this.#connection.moved ?? 0, last);
    const from = Math.min(Math.max(this.begun(), kept) + 1, this.#recalled.from);
    const to = this.flights.lastNumber + 1;
    // Only one range is recalled: it must not grow over tasks that stay.
    if (from >= to || from <= kept) return [];
    this.#recalled.set(from, to);
    this.#connection.marks.recall(from, to);
    return this.notBegun(Math.max(this.begun(), kept));
  }

  /** The worker has seen what was taken back last, and says which tasks it will not begin. */
  declined(from: TaskNumber, to: TaskNumber): LocalChunk[] {
    this.#recalled.seenUpTo(to);
    return this.notBegun(from - 1, to);
  }

  /** Takes off the books the tasks with numbers above `begun` and below `before`, and returns those whose callers wait. */
  notBegun(begun: TaskNumber, before = Infinity): LocalChunk[] {
    const { chunks, tasks } = this.flights.notBegun(begun, before);
    this.#takenBack += tasks;
    // Last, when all is noted: whoever hears that it is idle may take back more.
    this.#noteAnswered(tasks);
    return chunks;
  }

  /** The last task that may have begun. */
  begun(): TaskNumber {
    return this.#connection.marks.begun();
  }

  /** Whether it has begun the next of its tasks. */
  get hasBegun(): boolean {
    const flight = this.flights.next;
    return flight !== undefined && this.begun() >= flight.first + flight.done;
  }

  /** The last task that has begun, or whose function it looks for. */
  reached(): TaskNumber {
    return Math.max(this.begun(), this.#connection.marks.loading());
  }

  /** Whether it is looking for the function of a task, such as by loading a module, and has not begun that task. */
  get isLoading(): boolean {
    return this.reached() > this.begun();
  }

  /** The last task to keep if a job is given up: the one it loads for, if that is another's. Elsewhere it would load again. */
  lastKeptFrom(job: Job): TaskNumber {
    if (!this.isLoading) return 0;
    const reached = this.reached();
    const flight = this.flights.of(reached);
    return flight === undefined || flight.chunk.job === job ? 0 : reached;
  }

  /** Outcomes that it had yet to send when it began the task `last`; some may have been sent since: see `MasterMarks.kept`. */
  kept(last: TaskNumber): OutcomeRun | undefined {
    return this.#connection.marks.kept?.(last);
  }

  /** Gives it no more tasks, and asks it to leave when it holds none. True when it was asked now, for the only time. */
  retire(because: Retirement): boolean {
    this.apply({ type: 'retire', because });
    if (this.load > 0 || this.#asked) return false;
    this.#asked = true;
    this.#connection.send({ type: 'retire' });
    return true;
  }

  /** Lets one that is too large run what could not be taken back: it waits for that once. */
  resume(): void {
    if (this.#resumed) return;
    this.#resumed = true;
    this.#connection.send({ type: 'resume' });
  }

  /** Tells it to end now; it may not obey. */
  terminate(): void {
    this.apply({ type: 'retire', because: 'terminated' });
    this.#connection.terminate();
  }

  kill(because: Retirement): void {
    this.apply({ type: 'retire', because });
    this.#connection.kill();
  }

  /** Tasks of one job at once; single calls one by one, since each is a job. */
  #publish({ chunk: { job, index, attempt, items } }: Flight): void {
    if (!channels['forkpool:tasks:dispatch'].hasSubscribers) return;
    const count = job.call.single ? 1 : items.length;
    for (let at = 0; at < items.length; at += count)
      publish('forkpool:tasks:dispatch', { worker: this.id, ...job.place(index + at), count, attempt });
  }

  #functionId(reference: Reference, functions: FunctionDefinition[]): number {
    const known = this.#functions.get(reference);
    if (known !== undefined && known > this.#functionIds - MOST_FUNCTIONS) return known;
    const id = ++this.#functionIds;
    this.#functions.set(reference, id);
    functions.push({ id, reference });
    return id;
  }

  /** A dead worker's last outcomes come here too. */
  #noteAnswered(tasks: number, at?: number): void {
    if (tasks > 0 && this.state.is !== 'dead') this.apply({ type: 'answered', tasks }, at);
  }
}
