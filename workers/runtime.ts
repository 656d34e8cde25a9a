import { here, type CurrentWorker } from '../lib/wire/current.js';
import type { WorkerMarks } from '../lib/wire/marks.js';
import type { Command, TaskNumber, WorkerSetup } from '../lib/wire/messages.js';
import type { Reference } from '../lib/wire/reference.js';
import type { Sender } from './answers.js';
import { printError } from './output.js';
import { createResolver, type ResolvedFunction } from './resolve.js';
import { Runner } from './runner.js';
import { Task } from './task.js';
import { setImmediate } from './immediate.js';

/** The process, thread or event loop that a worker is in. */
export interface Host extends Sender {
  marks(): WorkerMarks;
  /** Makes this process or thread the worker; does nothing in the master's own event loop. */
  becomeWorker(worker: CurrentWorker, main: string | undefined): void;
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
export function serve(host: Host): Runtime {
  let worker: Worker | undefined;
  host.send({ type: 'online' });
  return {
    command(command) {
      if (command.type === 'initialise') worker = new Worker(command.setup, host);
      else if (worker !== undefined) worker.command(command);
      else host.leave();
    },
    giveUp: (reason) => worker?.giveUp(reason),
    garbled: (error) =>
      void host.send({ type: 'garbled', error: host.recordOf(error), last: worker?.ignoreFurtherTasks() ?? 0 }),
    exiting: () => worker?.exiting(),
    uncaught(error, die) {
      printError('Uncaught', error);
      if (worker === undefined) die();
      else worker.uncaught(error, die);
    },
  };
}

/** From its first command to its end. Policy is the master's: a worker does as it is told, and reports. */
class Worker implements Omit<Runtime, 'command' | 'garbled'> {
  readonly #setup: WorkerSetup;
  readonly #host: Host;
  readonly #resolve: (reference: Reference) => ResolvedFunction | Promise<ResolvedFunction>;
  readonly #runner: Runner;
  #initialised = false;
  #last: 'retiring' | 'dying' | undefined;

  constructor(setup: WorkerSetup, host: Host) {
    this.#setup = setup;
    this.#host = host;
    this.#runner = new Runner({
      setup,
      marks: host.marks(),
      sender: host,
      find: (reference, task) => this.#found(reference, task),
    });
    host.becomeWorker(this.#runner.identity, setup.main);
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
  ignoreFurtherTasks(): TaskNumber {
    return this.#runner.ignoreFurtherTasks();
  }

  exiting(): void {
    if (this.#last === 'dying') return;
    const task = this.#runner.current;
    this.#runner.flushAll();
    if (task !== undefined) this.#host.send({ type: 'dying', task });
  }

  uncaught(error: unknown, die: () => void): void {
    if (!this.#initialised) {
      this.#last = 'dying';
      this.#host.send({ type: 'failed', error: this.#host.recordOf(error) });
      return;
    }
    const task = this.#runner.current;
    if (task === undefined) {
      this.#runner.flush();
      this.#host.send({ type: 'unsound', ...(isOfTask() ? {} : { error: this.#host.recordOf(error) }) });
      return;
    }
    this.#last = 'dying';
    this.#runner.flushAll();
    this.#host.send({ type: 'dying', task, error: this.#host.recordOf(error) });
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
      this.#host.send({ type: 'failed', error: this.#host.recordOf(error) });
      return;
    }
    if (this.#last === 'dying') return;
    this.#initialised = true;
    if (this.#last === 'retiring') return this.#leave();
    this.#host.send({ type: 'initialised' });
  }

  async #leave(): Promise<void> {
    const { finalizer } = this.#setup;
    try {
      if (finalizer !== undefined) await this.#call(finalizer, []);
    } catch (error) {
      printError('The finalizer failed:', error);
    }
    this.#host.leave();
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
