import type { CurrentTask, CurrentWorker, Running } from '../lib/wire/current.js';
import type { TaskNumber } from '../lib/wire/messages.js';

/** A worker's unanswered tasks that have asked for their signals; and, when all are to stop, why. */
interface Listeners {
  readonly tasks: Set<Task>;
  stopped?: { readonly reason: unknown };
}

const listeners = new WeakMap<CurrentWorker, Listeners>();

function listenersOf(worker: CurrentWorker): Listeners {
  let found = listeners.get(worker);
  if (found === undefined) listeners.set(worker, (found = { tasks: new Set() }));
  return found;
}

/** A task that has begun, as its code sees it. Also what its async context holds, so that a short one needs no other object. */
export class Task implements CurrentTask, Running {
  index: number;
  readonly attempt: number;
  readonly #worker: CurrentWorker;
  #number: TaskNumber;
  readonly #send: (number: TaskNumber, value: unknown) => void;
  #controller: AbortController | undefined;
  #answered = false;
  /** Somebody has asked for it, and may keep it. */
  #known = false;

  constructor(
    worker: CurrentWorker,
    number: TaskNumber,
    index: number,
    attempt: number,
    send: (number: TaskNumber, value: unknown) => void,
  ) {
    this.#worker = worker;
    this.#number = number;
    this.index = index;
    this.attempt = attempt;
    this.#send = send;
  }

  get worker(): CurrentWorker {
    return this.#worker;
  }

  get task(): this {
    this.#known = true;
    return this;
  }

  /** Made when first asked for: most tasks never ask, and it costs more than a tiny task. */
  get signal(): AbortSignal {
    return (this.#controller ??= this.#listen()).signal;
  }

  report(value: unknown): void {
    if (!this.#answered) this.#send(this.#number, value);
  }

  // These are static: a task's code holds the object, and must not find them on it.

  static abort(task: Task, reason: unknown): void {
    (task.#controller ??= new AbortController()).abort(reason);
  }

  /** Aborts all running tasks of a worker, and any that asks for its signal later: nobody waits for them any more. */
  static abortAll(worker: CurrentWorker, reason: unknown): void {
    const all = listenersOf(worker);
    all.stopped ??= { reason };
    for (const task of all.tasks) Task.abort(task, reason);
    all.tasks.clear();
  }

  /** Turns it into another task of its chunk. Does nothing and returns false if somebody may have kept it. */
  static reuse(task: Task, number: TaskNumber, index: number): boolean {
    if (task.#known) return false;
    task.#number = number;
    task.index = index;
    task.#answered = false;
    return true;
  }

  static answer(task: Task): void {
    task.#answered = true;
    if (task.#controller !== undefined) listeners.get(task.#worker)?.tasks.delete(task);
  }

  /** Its number while it runs; undefined once it has answered. */
  static unanswered(task: CurrentTask | undefined): TaskNumber | undefined {
    return task instanceof Task && !task.#answered ? task.#number : undefined;
  }

  #listen(): AbortController {
    const controller = new AbortController();
    const all = listenersOf(this.#worker);
    if (this.#answered) return controller;
    if (all.stopped === undefined) all.tasks.add(this);
    else controller.abort(all.stopped.reason);
    return controller;
  }
}
