import { setImmediate } from 'node:timers';
import { PoolTerminatedError, type WorkerEnd } from '../errors.js';
import { here } from '../wire/current.js';
import { localMarks } from '../wire/marks.js';
import type { Command, Report } from '../wire/messages.js';
import { serve, type Runtime } from '../../workers/runtime.js';
import type { Connection, ConnectionListener, Transport } from './transport.js';

/** One worker that is this program: its tasks run in the event loop of the caller, and values are passed as they are. */
export class LoopTransport implements Transport {
  readonly kind = 'async';
  readonly canKill = false;

  connect(listener: ConnectionListener): Connection {
    return new Loop(listener);
  }

  close(): void {}
}

class Loop implements Connection {
  readonly pid = process.pid;
  readonly marks = localMarks();
  readonly congested = false;
  readonly #listener: ConnectionListener;
  readonly #runtime: Runtime;
  #gone = false;

  constructor(listener: ConnectionListener) {
    this.#listener = listener;
    this.#runtime = serve({
      marks: () => this.marks,
      // The program stays the master; its tasks know their worker by their async context.
      becomeWorker: () => {},
      // Errors are passed as they are, like every value.
      recordOf: (value) => ({ value }),
      send: (report) => this.#report(report),
      connected: () => true,
      leave: () => this.kill(),
      memory: () => 0,
    });
  }

  /** Delivers in a later turn, like a message from elsewhere: a task never begins before the call that gave it returns. */
  send(command: Command): number {
    setImmediate(() => {
      // A task hears that nobody waits for it even if its worker has gone meanwhile.
      if (!this.#gone || command.type === 'abort') this.#runtime.command(command);
    });
    return 0;
  }

  /** Aborts what runs by its signal: nothing else can stop it, and what it waits for may keep the program alive. */
  terminate(): void {
    this.kill();
    this.#runtime.giveUp(new PoolTerminatedError());
  }

  /** Stops no running task, but drops its outcome. Tasks that wait in it do not begin. */
  kill(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.marks.recall(1, Infinity);
    const end: WorkerEnd = { pid: this.pid, exitCode: 0, signal: null, outOfMemory: false, stderr: [] };
    setImmediate(() => this.#listener.exited(end));
  }

  #report(report: Report): number {
    // A worker says 'online' before the master knows it.
    if (report.type === 'online') setImmediate(() => this.#deliver(report));
    else this.#deliver(report);
    return 0;
  }

  /** Outside the task's async context: all that hears of it, user callbacks too, runs in the master's. */
  #deliver(report: Report): void {
    if (!this.#gone) here.running.exit(() => this.#listener.report(report));
  }
}
