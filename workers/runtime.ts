import { here, type CurrentWorker } from '../lib/wire/current.js';
import type { WorkerMarks } from '../lib/wire/marks.js';
import type { Command, TaskNumber, WorkerSetup } from '../lib/wire/messages.js';
import type { Reference } from '../lib/wire/reference.js';
import type { Sender } from './answers.js';
import { complain } from './output.js';
import { createResolver, type ResolvedFunction } from './resolve.js';
import { Runner } from './runner.js';
import { Task } from './task.js';
import { setImmediate } from './immediate.js';

/** The environment of a worker of any kind. */
export interface Surroundings extends Sender {
  marks(): WorkerMarks;
  /** Makes this process or thread the worker, where it is one. */
  inhabit(worker: CurrentWorker, main: string | undefined): void;
  /** Ends the worker. */
  leave(): void;
}

/** Outside events that reach a worker. */
export interface Runtime {
  command(command: Command): void;
  /** Aborts its tasks by their signals: nobody waits for them and nothing else ends them. */
  giveUp(reason: unknown): void;
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
      else around.leave();
    },
    giveUp: (reason) => worker?.giveUp(reason),
    garbled: (error) =>
      void around.send({ type: 'garbled', error: around.recordOf(error), last: worker?.deafen() ?? 0 }),
    exiting: () => worker?.exiting(),
    uncaught(error, die) {
      complain('Uncaught', error);
      if (worker === undefined) die();
      else worker.uncaught(error, die);
    },
  };
}

/** From its first command to its end. Policy is the master's: a worker does as it is told, and reports. */
class Worker implements Omit<Runtime, 'command' | 'garbled'> {
  readonly #setup: WorkerSetup;
  readonly #around: Surroundings;
  readonly #resolve: (reference: Reference) => ResolvedFunction | Promise<ResolvedFunction>;
  readonly #runner: Runner;
  #initialised = false;
  #last: 'retiring' | 'dying' | undefined;

  constructor(setup: WorkerSetup, around: Surroundings) {
    this.#setup = setup;
    this.#around = around;
    this.#runner = new Runner({
      setup,
      marks: around.marks(),
      sender: around,
      find: (reference, task) => this.#found(reference, task),
    });
    around.inhabit(this.#runner.identity, setup.main);
    this.#resolve = createResolver({
      main: setup.main,
      onMain: () => (here.importedMain = true),
      fresh: setup.kind === 'process',
    });
    void this.#initialise();
  }

  command(command: Exclude<Command, { readonly type: 'initialise' }>): void {
    switch (command.type) {
      case 'run':
        return this.#runner.run(command);
      case 'abort':
        return this.#runner.abort(command.task, command.reason);
      case 'resume':
        return this.#runner.resume();
      case 'retire':
        this.#last ??= 'retiring';
        if (this.#initialised) void this.#leave();
        return;
      default:
        return command satisfies never;
    }
  }

  giveUp(reason: unknown): void {
    Task.abortAll(this.#runner.identity, reason);
  }

  /** After a command that is lost: see `Runner`. */
  deafen(): TaskNumber {
    return this.#runner.deafen();
  }

  exiting(): void {
    if (this.#last === 'dying') return;
    const task = this.#runner.current;
    this.#runner.flushAll();
    if (task !== undefined) this.#around.send({ type: 'dying', task });
  }

  uncaught(error: unknown, die: () => void): void {
    if (!this.#initialised) {
      this.#last = 'dying';
      this.#around.send({ type: 'failed', error: this.#around.recordOf(error) });
      return;
    }
    const task = this.#runner.current;
    if (task === undefined) {
      this.#runner.flush();
      this.#around.send({ type: 'unsound', ...(isOfTask() ? {} : { error: this.#around.recordOf(error) }) });
      return;
    }
    this.#last = 'dying';
    this.#runner.flushAll();
    this.#around.send({ type: 'dying', task, error: this.#around.recordOf(error) });
    die();
  }

  async #initialise(): Promise<void> {
    const { initializer, initargs } = this.#setup;
    try {
      if (initializer !== undefined) {
        await this.#call(initializer, initargs);
        await turn();
      }
    } catch (error) {
      this.#around.send({ type: 'failed', error: this.#around.recordOf(error) });
      return;
    }
    if (this.#last === 'dying') return;
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
    this.#around.leave();
  }

  /** Calls the initializer or the finalizer. */
  async #call(reference: Reference, args: readonly unknown[]): Promise<void> {
    const { fn, self } = await this.#found(reference);
    const { identity } = this.#runner;
    await here.running.run({ worker: identity, task: undefined }, async () => Reflect.apply(fn, self, args));
  }

  /** Keeps what a module does on import, and all that it begins, apart from what tasks do. */
  #found(reference: Reference, task?: TaskNumber): ResolvedFunction | Promise<ResolvedFunction> {
    const importing = { worker: undefined, task: undefined, importing: true, importedFor: task } as const;
    return here.running.run(importing, () => this.#resolve(reference));
  }
}

/** Whether the code that runs in this async context was begun by a task, or by the module of one. */
function isOfTask(): boolean {
  const running = here.running.getStore();
  return running?.task !== undefined || running?.importedFor !== undefined;
}

/** Resolves when what the initializer left behind and fails at once has failed, such as a promise that nobody awaits. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
