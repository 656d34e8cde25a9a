import type { AsyncResource } from 'node:async_hooks';
import { now } from '../lib/wire/clock.js';
import { here, type CurrentWorker } from '../lib/wire/current.js';
import { isThenable } from '../lib/wire/is-thenable.js';
import type { Recall, WorkerMarks } from '../lib/wire/marks.js';
import type { ChunkMessage, OutcomeRun, RunCommand, TaskNumber, WorkerSetup } from '../lib/wire/messages.js';
import { NO_COPY, ownCopy } from '../lib/wire/own-copy.js';
import type { Reference } from '../lib/wire/reference.js';
import { serializationError } from '../lib/wire/serialization.js';
import type { ThrownRecord } from '../lib/wire/thrown.js';
import { Answers, type Sender } from './answers.js';
import { groupOf, outcomesOf, startOfNext, type Group } from './group.js';
import { ANSWER_MS, GroupPlans, isOverlong, type Plan } from './group-plans.js';
import { KnownFunctions } from './known-functions.js';
import { LeftoverWatch } from './leftover-watch.js';
import type { ResolvedFunction } from './resolve.js';
import { Task } from './task.js';

export interface RunnerParts {
  readonly setup: WorkerSetup;
  readonly marks: WorkerMarks;
  readonly sender: Sender;
  readonly find: (reference: Reference, task: TaskNumber) => ResolvedFunction | Promise<ResolvedFunction>;
}

/** A chunk that has arrived: its tasks from `next` up to, not including, `end` have yet to begin. */
interface WaitingChunk {
  readonly chunk: ChunkMessage;
  next: number;
  end: number;
}

/** Runs the tasks of a worker: begins them in the order of their numbers, marks them, and answers them. */
export class Runner {
  /** The worker as its tasks see it. */
  readonly identity: CurrentWorker;
  readonly #setup: WorkerSetup;
  readonly #marks: WorkerMarks;
  readonly #sender: Sender;
  readonly #answers: Answers;
  readonly #functions: KnownFunctions;
  readonly #leftovers: LeftoverWatch;
  readonly #waiting: WaitingChunk[] = [];
  readonly #running = new Map<TaskNumber, Task>();
  readonly #plans = new GroupPlans();
  readonly #send = (task: TaskNumber, value: unknown): void => this.#report(task, value);
  /** The group that runs at this moment, if one does. */
  #group: Group | undefined;
  /** Reasons to begin nothing for now: a function that is being loaded, too much memory. */
  #holds = 0;
  #begun = 0;
  /** The task whose function is being loaded. */
  #loading: TaskNumber | undefined;
  /** Results are copied on their way; not to the master's own loop. */
  readonly #copies: boolean;
  /** Outcomes can be kept: not if memory is measured after each task. */
  readonly #mayKeep: boolean;
  /** The number of the last task it was given. */
  #received: TaskNumber = 0;
  #ignoring = false;

  constructor({ setup, marks, sender, find }: RunnerParts) {
    this.#setup = setup;
    this.#marks = marks;
    this.#sender = sender;
    // Beyond its memory limit it begins nothing: the master takes back what waits here.
    this.#answers = new Answers(sender, setup, () => this.#hold());
    this.#functions = new KnownFunctions({ find, forgotten: (id) => this.#plans.forget(id) });
    this.#leftovers = new LeftoverWatch(setup.kind !== 'async');
    this.#copies = setup.kind !== 'async';
    this.#mayKeep = marks.outcomes !== undefined && setup.memoryLimit === undefined;
    const begun = (): number => this.#begun;
    this.identity = {
      id: setup.id,
      kind: setup.kind,
      pid: process.pid,
      get tasks() {
        return begun();
      },
    };
  }

  run({ functions, chunks }: RunCommand): void {
    if (this.#ignoring) return;
    this.#functions.tell(functions, this.#neededFunctions());
    for (const chunk of chunks) {
      this.#waiting.push({ chunk, next: 0, end: chunk.items.length });
      this.#received = chunk.first + chunk.items.length - 1;
    }
    this.#begin();
  }

  *#neededFunctions(): Generator<number> {
    for (const { chunk } of this.#waiting) yield chunk.functionId;
  }

  /** Ignores tasks after a command that was lost: the master takes them back. Returns the last that it has heard of. */
  ignoreFurtherTasks(): TaskNumber {
    this.#ignoring = true;
    return this.#received;
  }

  /** Drops a reason to begin nothing. */
  resume(): void {
    this.#holds--;
    this.#begin();
  }

  /** If nothing can be stopped, this frees its place: nobody waits for it any more. */
  abort(number: TaskNumber, reason: unknown): void {
    const task = this.#running.get(number);
    if (task !== undefined) Task.abort(task, reason);
    if (this.#setup.kind !== 'async') return;
    if (number === this.#loading) return this.#stopLoading(number);
    this.#running.delete(number);
    this.#begin();
  }

  /** The unanswered task that this async context belongs to, also while its module is being loaded. */
  get current(): TaskNumber | undefined {
    const running = here.running.getStore();
    if (running?.importing !== true) return Task.unanswered(running?.task);
    // Code that a module began, and that runs on once it is loaded, belongs to no task.
    return running.importedFor === this.#loading ? this.#loading : undefined;
  }

  /** Sends the outcomes that wait to be sent. */
  flush(): void {
    this.#answers.flush();
  }

  /** Sends all outcomes before death, also of tasks that have ended in the running group. */
  flushAll(): void {
    if (this.#group !== undefined && this.#group.done > 0) {
      const { first, separate, chunk, errors, start, done, values } = this.#group;
      const ms = startOfNext(this.#group) - start;
      this.#answers.add({ first, separate, chunk, errors, values: values.slice(0, done), ms });
    }
    this.flush();
  }

  #hold(): void {
    this.#holds++;
  }

  /** Begins waiting tasks while there is room. */
  #begin(): void {
    for (;;) {
      const [waiting] = this.#waiting;
      if (waiting === undefined) return;
      if (waiting.next >= waiting.end) {
        this.#waiting.shift();
        continue;
      }
      if (this.#holds > 0 || this.#running.size >= this.#setup.concurrency) return;
      const { functionId } = waiting.chunk;
      const known = this.#functions.get(functionId);
      if (known === undefined) {
        const task = waiting.chunk.first + waiting.next;
        if (!this.#isTakenBack(task)) return void this.#find(functionId, task);
        continue;
      }
      this.#beginGroup(waiting, known);
    }
  }

  /** Whether a task that is next was taken back: it is declined then, before anything is loaded for it. */
  #isTakenBack(task: TaskNumber): boolean {
    const recall = this.#marks.begin(task - 1);
    if (recall.from > task || recall.to <= task) return false;
    this.#decline(recall);
    return true;
  }

  /** Loading the module of a function may end this worker: then this task is to blame. */
  async #find(functionId: number, task: TaskNumber): Promise<void> {
    this.#hold();
    this.#marks.load(task);
    this.#loading = task;
    await this.#functions.find(functionId, task);
    if (this.#loading !== task) return;
    this.#loading = undefined;
    this.resume();
  }

  /** Skips the task whose function is being loaded, which may never end: others wait for their turn. */
  #stopLoading(task: TaskNumber): void {
    this.#loading = undefined;
    const [waiting] = this.#waiting;
    if (waiting !== undefined) waiting.next++;
    // What came with it may have been taken back: it is not to be loaded for that either.
    const recall = this.#marks.begin(task);
    if (recall.to > task + 1) this.#decline(recall);
    this.resume();
  }

  /** Begins the next tasks of a chunk that may be answered together, and answers those that end at once. */
  #beginGroup(waiting: WaitingChunk, known: ResolvedFunction): void {
    const { chunk } = waiting;
    const plan = this.#planOf(waiting);
    const first = chunk.first + waiting.next;
    const last = plan.sharesMark ? first + plan.size - 1 : first;
    const recall = this.#marks.begin(last);
    if (recall.from <= last && recall.to > first) return this.#decline(recall);
    const group = groupOf(chunk, first, plan);
    this.#group = group;
    const task = this.#next(waiting);
    const pending = here.running.run(task, () => this.#runGroup(group, task, waiting, known));
    this.#group = undefined;
    this.#endGroup(group, chunk.functionId, pending);
  }

  #planOf({ chunk, next, end }: WaitingChunk): Plan {
    const { size, sharesMark } = this.#plans.of(chunk.functionId);
    const isAlone = chunk.exact || this.#setup.concurrency > 1 || (!sharesMark && !this.#mayKeep);
    return { size: isAlone ? 1 : Math.min(size, end - next), sharesMark };
  }

  /** Runs the tasks of a group one after the other, the first in the current context. True if the last has yet to end. */
  #runGroup(group: Group, first: Task, waiting: WaitingChunk, known: ResolvedFunction): boolean {
    const { chunk } = waiting;
    // The first of them has been counted.
    const left = waiting.end - waiting.next + 1;
    if (group.values.length > 1) this.#leftovers.watch(first);
    else this.#leftovers.stop();
    for (let task = first; ; task = this.#nextAfter(task, waiting)) {
      try {
        const result =
          chunk.context === undefined
            ? called(known, chunk, waiting.next - 1)
            : calledBy(chunk.context, task, known, chunk, waiting.next - 1);
        if (isThenable(result)) {
          void this.#follow(task, group, result);
          return true;
        }
        group.values[group.done++] = result;
      } catch (error) {
        // First its record: an error may have a getter that exits.
        const record = this.#sender.recordOf(error);
        group.errors.push([group.done, record]);
        group.values[group.done++] = undefined;
      }
      Task.answer(task);
      if (!this.#mayGoOn(group, left)) return false;
    }
  }

  /** Whether the next task of a group may begin before it is answered. `left` of its chunk were waiting when it began. */
  #mayGoOn(group: Group, left: number): boolean {
    if (group.done >= group.values.length) return false;
    if (!group.sharesMark) return this.#keepLast(group);
    return !isOverlong(group.done, group.start, left) && this.#ownLast(group);
  }

  /** Copies what the last of those that share a mark returned. False if the group must be answered at once instead. */
  #ownLast(group: Group): boolean {
    const { values, done } = group;
    const value = values[done - 1];
    // The usual case, without another call.
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !this.#copies) return true;
    const own = ownCopy(value);
    if (own === NO_COPY) group.isUrgent = true;
    else values[done - 1] = own;
    return !group.isUrgent;
  }

  /** Keeps the outcome of a group's last task, and marks the next. False if the group must be answered first. */
  #keepLast(group: Group): boolean {
    const { first, values, errors, done, start } = group;
    const ms = now() - start;
    if (errors.length > 0 || ms > ANSWER_MS || !this.#sender.connected()) return false;
    const kept = this.#marks.outcomes === undefined ? NO_COPY : this.#marks.outcomes.add(first, values[done - 1], ms);
    if (kept === NO_COPY) return false;
    values[done - 1] = kept;
    try {
      const { from, to } = this.#marks.begin(first + done);
      if (from <= first + done && to > first + done) return false;
    } catch {
      // It is thrown again when the next group begins, which loses nothing.
      return false;
    }
    group.before = ms;
    return true;
  }

  /** The tasks of a group that were not reached can be taken back, and are not to blame. */
  #endGroup(group: Group, functionId: number, pending: boolean): void {
    const { first, sharesMark, values, start, done, isUrgent } = group;
    const begun = done + (pending ? 1 : 0);
    if (sharesMark && begun < values.length) this.#marks.begin(first + begun - 1);
    values.length = done;
    // One that has yet to end is timed alone.
    const ms = (pending ? startOfNext(group) : now()) - start;
    this.#marks.outcomes?.drop();
    const bytes = done > 0 ? this.#settle(...outcomesOf(group, ms)) : 0;
    if (pending || isUrgent) this.#plans.forget(functionId);
    else this.#plans.record(functionId, done, ms, bytes);
  }

  #next(waiting: WaitingChunk): Task {
    const { chunk, next } = waiting;
    this.#count(waiting);
    return new Task(this.identity, chunk.first + next, indexOf(chunk, next), chunk.attempt, this.#send);
  }

  /**
   * The next task of a group, in a context of its own if the one before has left anything behind: an error of that must not
   * be blamed on a task that is answered with it.
   */
  #nextAfter(last: Task, waiting: WaitingChunk): Task {
    const { chunk, next } = waiting;
    if (!this.#leftovers.leftBehind && Task.reuse(last, chunk.first + next, indexOf(chunk, next))) {
      this.#count(waiting);
      return last;
    }
    const task = this.#next(waiting);
    here.running.enterWith(task);
    this.#leftovers.watch(task);
    return task;
  }

  #count(waiting: WaitingChunk): void {
    const { chunk, next } = waiting;
    waiting.next++;
    this.#begun++;
    if (chunk.timed) this.#sender.send({ type: 'started', task: chunk.first + next });
  }

  /**
   * Answers a task when its promise settles. Its async context keeps it as the current one until then. By `await`, which
   * ignores a `then` that a native promise may have of its own, and calls any other not before this has returned.
   */
  async #follow(task: Task, group: Group, result: PromiseLike<unknown>): Promise<void> {
    const { separate } = group;
    const number = group.first + group.done;
    const start = startOfNext(group);
    this.#leftovers.stop();
    this.#running.set(number, task);
    const errors: [number, ThrownRecord][] = [];
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      errors.push([0, this.#sender.recordOf(error)]);
    }
    Task.answer(task);
    this.#running.delete(number);
    this.#settle({ first: number, values: [value], errors, ms: now() - start, separate });
    this.#begin();
  }

  /** Drops recalled tasks that have arrived, and declines those that are still on their way, too. */
  #decline({ from, to }: Recall): void {
    const [oldest] = this.#waiting;
    const first = Math.max(from, oldest === undefined ? from : oldest.chunk.first + oldest.next);
    for (const waiting of this.#waiting) {
      const { chunk } = waiting;
      if (chunk.first < to) waiting.end = Math.max(waiting.next, Math.min(waiting.end, from - chunk.first));
    }
    this.#sender.send({ type: 'declined', from: first, to: Math.min(to, this.#received + 1) });
  }

  /** With one task at a time, an answer leaves, or is kept, before the next task begins: so a death has one suspect. */
  #settle(...runs: readonly OutcomeRun[]): number {
    if (this.#setup.concurrency > 1) return runs.reduce((bytes, run) => bytes + this.#answers.addLater(run), 0);
    for (const run of runs) this.#answers.add(run);
    return this.#answers.flush();
  }

  #report(task: TaskNumber, value: unknown): void {
    try {
      this.#sender.send({ type: 'reported', task, value });
    } catch (error) {
      throw serializationError('report', value, error);
    }
  }
}

function indexOf({ index }: ChunkMessage, position: number): number {
  return index === undefined ? 0 : index + position;
}

/** Calls a function with the item at a position; without a list of arguments if the item is the only one. */
function called({ fn, self }: ResolvedFunction, { spread, items }: ChunkMessage, position: number): unknown {
  const item = items[position];
  if (spread) return Reflect.apply(fn, self, item as never[]);
  return self === undefined ? fn(item as never) : Reflect.apply(fn, self, [item as never]);
}

/** Calls as the task, in the caller's async context. Apart from `called`, so that no other call makes closures. */
function calledBy(
  context: AsyncResource,
  task: Task,
  known: ResolvedFunction,
  chunk: ChunkMessage,
  position: number,
): unknown {
  return context.runInAsyncScope(() => here.running.run(task, () => called(known, chunk, position)));
}
