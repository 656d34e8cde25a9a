import { now } from '../lib/wire/clock.js';
import { place, type CurrentWorker } from '../lib/wire/current.js';
import type { Marks, Recall } from '../lib/wire/marks.js';
import type { ChunkMessage, Command, OutcomeRun, TaskNumber, WorkerSetup } from '../lib/wire/messages.js';
import type { Reference } from '../lib/wire/reference.js';
import { serializationError } from '../lib/wire/serialization.js';
import type { ThrownRecord } from '../lib/wire/values.js';
import { Answers, type Sender } from './answers.js';
import { groupOf, type Group } from './group.js';
import { GroupSize, isOverlong } from './group-size.js';
import { KnownFunctions } from './known-functions.js';
import { Lasting } from './lasting.js';
import { complain } from './output.js';
import { createResolver, type ResolvedFunction } from './resolve.js';
import { Task } from './task.js';

/** What a worker of any kind has around it. */
export interface Surroundings extends Sender {
  marks(setup: WorkerSetup): Marks;
  /** Makes this process or thread the worker, where it is one. */
  inhabit(worker: CurrentWorker, main: string | undefined): void;
  /** Ends the worker when all it wrote is out. */
  leave(): Promise<void>;
}

/** What happens to a worker from outside. */
export interface Runtime {
  command(command: Command): void;
  /** A command has come that cannot be read. */
  garbled(error: unknown): void;
  /** The process is about to exit, in this async context. */
  exiting(): void;
  /** Nobody caught this error, which was thrown in this async context. `die` ends the worker. */
  uncaught(error: unknown, die: () => void): void;
}

/** Runs what the master says, and says what came of it. */
export function serve(around: Surroundings): Runtime {
  let worker: Worker | undefined;
  around.send({ type: 'online' });
  return {
    command(command) {
      if (command.type === 'initialise') worker = new Worker(command.setup, around);
      else if (worker !== undefined) worker.command(command);
      else void around.leave();
    },
    garbled: (error) =>
      void around.send({ type: 'garbled', error: around.recordOf(error), last: worker?.deafen() ?? 0 }),
    exiting: () => worker?.exiting(),
    uncaught: (error, die) => (worker === undefined ? die() : worker.uncaught(error, die)),
  };
}

/** A chunk that has arrived: its tasks from `next` up to, not including, `end` have yet to begin. */
interface WaitingChunk {
  readonly chunk: ChunkMessage;
  next: number;
  end: number;
}

/** Policy is the master's: a worker begins tasks in the order of their numbers, marks them, and reports. */
class Worker implements Omit<Runtime, 'garbled'> {
  readonly #setup: WorkerSetup;
  readonly #around: Surroundings;
  readonly #marks: Marks;
  readonly #identity: CurrentWorker;
  readonly #resolve: (reference: Reference) => ResolvedFunction | Promise<ResolvedFunction>;
  readonly #functions = new KnownFunctions({
    find: (reference) => this.#found(reference),
    forgotten: (id) => this.#groupSize.forget(id),
  });
  readonly #waiting: WaitingChunk[] = [];
  readonly #running = new Map<TaskNumber, Task>();
  readonly #groupSize = new GroupSize();
  readonly #answers: Answers;
  readonly #lasting: Lasting;
  readonly #send = (task: TaskNumber, value: unknown): void => this.#report(task, value);
  /** The group that runs at this moment, if one does. */
  #group: Group | undefined;
  /** Reasons to begin nothing for now: a function that is being loaded, too much memory. */
  #holds = 0;
  #begun = 0;
  /** The number of the last task it was given. */
  #received: TaskNumber = 0;
  #deaf = false;
  #initialised = false;
  #last: 'retiring' | 'dying' | undefined;

  constructor(setup: WorkerSetup, around: Surroundings) {
    this.#setup = setup;
    this.#around = around;
    this.#marks = around.marks(setup);
    const begun = (): number => this.#begun;
    this.#identity = {
      id: setup.id,
      kind: setup.kind,
      pid: process.pid,
      get tasks() {
        return begun();
      },
    };
    // Beyond its memory limit it begins nothing: the master takes back what waits here.
    this.#answers = new Answers(around, setup.memoryLimit, () => this.#holds++);
    this.#lasting = new Lasting(setup.kind !== 'async');
    around.inhabit(this.#identity, setup.main);
    this.#resolve = createResolver({
      main: setup.main,
      onMain: () => (place.importedMain = true),
      fresh: setup.kind === 'process',
    });
    void this.#initialise();
  }

  command(command: Command): void {
    switch (command.type) {
      case 'run':
        if (this.#deaf) return;
        this.#functions.tell(command.functions);
        for (const chunk of command.chunks) this.#hear(chunk);
        return this.#begin();
      case 'abort':
        return this.#abort(command.task, command.reason);
      case 'resume':
        this.#holds--;
        return this.#begin();
      case 'retire':
        this.#last ??= 'retiring';
        if (this.#initialised) void this.#leave();
        return;
      case 'initialise':
        throw new Error('A worker is initialised once');
      default:
        return command satisfies never;
    }
  }

  #hear(chunk: ChunkMessage): void {
    this.#waiting.push({ chunk, next: 0, end: chunk.items.length });
    this.#received = chunk.first + chunk.items.length - 1;
  }

  /** After a command that is lost it hears of no more tasks: the master takes them back. Returns the last that it has heard of. */
  deafen(): TaskNumber {
    this.#deaf = true;
    return this.#received;
  }

  /** Where nothing can be stopped, its place is free now: nobody waits for it any more. */
  #abort(number: TaskNumber, reason: unknown): void {
    const task = this.#running.get(number);
    if (task === undefined) return;
    Task.abort(task, reason);
    if (this.#setup.kind !== 'async') return;
    this.#running.delete(number);
    this.#begin();
  }

  exiting(): void {
    if (this.#last === 'dying') return;
    const task = Task.unanswered(place.running.getStore()?.task);
    this.#settleGroup();
    this.#answers.flush();
    if (task !== undefined) this.#around.send({ type: 'dying', task });
  }

  /** The last that is heard of a group in which a task exits: those before it have their outcomes. */
  #settleGroup(): void {
    if (this.#group === undefined || this.#group.done === 0) return;
    const { start, done, values, ...run } = this.#group;
    this.#answers.add({ ...run, values: values.slice(0, done), ms: now() - start });
  }

  uncaught(error: unknown, die: () => void): void {
    complain('Uncaught', error);
    if (!this.#initialised) {
      this.#around.send({ type: 'failed', error: this.#around.recordOf(error) });
      return;
    }
    const task = Task.unanswered(place.running.getStore()?.task);
    if (task === undefined) {
      this.#answers.flush();
      this.#around.send({ type: 'unsound' });
      return;
    }
    this.#last = 'dying';
    this.#settleGroup();
    this.#answers.flush();
    this.#around.send({ type: 'dying', task, error: this.#around.recordOf(error) });
    die();
  }

  async #initialise(): Promise<void> {
    const { initializer, initargs } = this.#setup;
    try {
      if (initializer !== undefined) await this.#call(initializer, initargs);
    } catch (error) {
      this.#around.send({ type: 'failed', error: this.#around.recordOf(error) });
      return;
    }
    this.#initialised = true;
    if (this.#last === 'retiring') return this.#leave();
    this.#around.send({ type: 'initialised' });
  }

  async #leave(): Promise<void> {
    const { finalizer } = this.#setup;
    try {
      if (finalizer !== undefined) await this.#call(finalizer, []);
    } catch (error) {
      complain('The finalizer failed:', error);
    }
    await this.#around.leave();
  }

  /** Calls the initializer or the finalizer. */
  async #call(reference: Reference, args: readonly unknown[]): Promise<void> {
    const { fn, self } = await this.#found(reference);
    await place.running.run({ worker: this.#identity, task: undefined }, async () => Reflect.apply(fn, self, args));
  }

  /** What a module does when it is imported, and all that it begins, is told apart from what tasks do. */
  #found(reference: Reference): ResolvedFunction | Promise<ResolvedFunction> {
    const importing = { worker: undefined, task: undefined, importing: true } as const;
    return place.running.run(importing, () => this.#resolve(reference));
  }

  /** Begins waiting tasks while there is room. */
  #begin(): void {
    for (;;) {
      const [waiting] = this.#waiting;
      if (waiting === undefined || this.#holds > 0 || this.#running.size >= this.#setup.concurrency) return;
      const { functionId } = waiting.chunk;
      const known = this.#functions.get(functionId);
      if (known === undefined) return void this.#find(functionId);
      if (waiting.next < waiting.end) this.#beginGroup(waiting, known);
      if (waiting.next >= waiting.end && this.#waiting[0] === waiting) this.#waiting.shift();
    }
  }

  async #find(functionId: number): Promise<void> {
    this.#holds++;
    await this.#functions.find(functionId);
    this.#holds--;
    this.#begin();
  }

  /** Begins the next tasks of a chunk that may share a mark, and answers those that end at once. */
  #beginGroup(waiting: WaitingChunk, known: ResolvedFunction): void {
    const { chunk } = waiting;
    const size = this.#sizeOf(waiting);
    const first = chunk.first + waiting.next;
    const recall = this.#marks.begin(first + size - 1);
    if (recall.from < first + size && recall.to > first) return this.#decline(recall);
    const group = groupOf(chunk, first, size);
    this.#group = group;
    const task = this.#next(waiting);
    const pending = place.running.run(task, () => this.#runGroup(group, task, waiting, known));
    this.#group = undefined;
    this.#endGroup(group, chunk.functionId, pending);
  }

  #sizeOf({ chunk, next, end }: WaitingChunk): number {
    const alone = chunk.exact || this.#setup.concurrency > 1;
    return alone ? 1 : Math.min(this.#groupSize.of(chunk.functionId), end - next);
  }

  /** Runs the tasks of a group one after the other, the first in the context that is there. True where the last has yet to end. */
  #runGroup(group: Group, first: Task, waiting: WaitingChunk, known: ResolvedFunction): boolean {
    const { chunk } = waiting;
    const size = group.values.length;
    // The first of them has been counted.
    const left = waiting.end - waiting.next + 1;
    let task = first;
    if (size > 1) this.#lasting.watch(task);
    else this.#lasting.rest();
    for (;;) {
      try {
        const result = called(known, chunk, waiting.next - 1);
        if (isThenable(result)) {
          void this.#follow(task, group.first + group.done, result, group.separate);
          return true;
        }
        group.values[group.done++] = result;
      } catch (error) {
        // First its record: an error may have a getter, and that may exit.
        const record = this.#around.recordOf(error);
        group.errors.push([group.done, record]);
        group.values[group.done++] = undefined;
      }
      Task.answer(task);
      if (group.done >= size || isOverlong(group.done, group.start, left)) return false;
      task = this.#nextAfter(task, waiting);
    }
  }

  /** The tasks of a group behind the last have not begun: they can be taken back, and are not to be blamed. */
  #endGroup(group: Group, functionId: number, pending: boolean): void {
    const { first, values, errors, start, separate, chunk, done } = group;
    const begun = done + (pending ? 1 : 0);
    if (begun < values.length) this.#marks.begin(first + begun - 1);
    values.length = done;
    const ms = now() - start;
    const bytes = done > 0 ? this.#settle({ first, values, errors, ms, separate, chunk }) : 0;
    if (pending) this.#groupSize.forget(functionId);
    else this.#groupSize.record(functionId, done, ms, bytes);
  }

  #next(waiting: WaitingChunk): Task {
    const { chunk, next } = waiting;
    this.#count(waiting);
    return new Task(this.#identity, chunk.first + next, indexOf(chunk, next), chunk.attempt, this.#send);
  }

  /**
   * The next one of a group, in a context of its own where the one before it has left anything behind: an error of that must not
   * be taken for one of those that share its mark.
   */
  #nextAfter(last: Task, waiting: WaitingChunk): Task {
    const { chunk, next } = waiting;
    if (!this.#lasting.leftBehind && Task.reuse(last, chunk.first + next, indexOf(chunk, next))) {
      this.#count(waiting);
      return last;
    }
    const task = this.#next(waiting);
    place.running.enterWith(task);
    this.#lasting.watch(task);
    return task;
  }

  #count(waiting: WaitingChunk): void {
    const { chunk, next } = waiting;
    waiting.next++;
    this.#begun++;
    if (chunk.timed) this.#around.send({ type: 'started', task: chunk.first + next });
  }

  /**
   * Answers a task when its promise settles. Its async context keeps it as the current one until then. By `await`, which asks no
   * `then` or `constructor` that a native promise may have of its own, and any other one not before this has returned.
   */
  async #follow(task: Task, number: TaskNumber, result: PromiseLike<unknown>, separate: boolean): Promise<void> {
    const start = now();
    this.#lasting.rest();
    this.#running.set(number, task);
    const errors: [number, ThrownRecord][] = [];
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      errors.push([0, this.#around.recordOf(error)]);
    }
    Task.answer(task);
    this.#running.delete(number);
    this.#settle({ first: number, values: [value], errors, ms: now() - start, separate });
    this.#begin();
  }

  /** Gives up the tasks that the master has taken back before they began. */
  #decline({ from, to }: Recall): void {
    const [oldest] = this.#waiting;
    const first = Math.max(from, oldest === undefined ? from : oldest.chunk.first + oldest.next);
    for (const waiting of this.#waiting) {
      const { chunk } = waiting;
      if (chunk.first < to) waiting.end = Math.max(waiting.next, Math.min(waiting.end, from - chunk.first));
    }
    this.#around.send({ type: 'declined', from: first, to });
  }

  /** With one task at a time, an answer leaves before the next task begins: so a death has one suspect. */
  #settle(run: OutcomeRun): number {
    this.#answers.add(run);
    return this.#setup.concurrency === 1 ? this.#answers.flush() : this.#answers.flushSoon();
  }

  #report(task: TaskNumber, value: unknown): void {
    try {
      this.#around.send({ type: 'reported', task, value });
    } catch (error) {
      throw serializationError('report', value, error);
    }
  }
}

function indexOf({ index }: ChunkMessage, position: number): number {
  return index === undefined ? 0 : index + position;
}

/** Calls a function with the item at a position; where that is all, without a list of arguments. */
function called({ fn, self }: ResolvedFunction, { spread, items }: ChunkMessage, position: number): unknown {
  const item = items[position];
  if (spread) return Reflect.apply(fn, self, item as never[]);
  return self === undefined ? fn(item as never) : Reflect.apply(fn, self, [item as never]);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
