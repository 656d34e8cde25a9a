import type { Command, Report, TaskNumber, WorkerKind } from '../wire/messages.js';
import type { WorkerEnd } from '../errors.js';
import type { MasterMarks } from '../wire/marks.js';

/** SEAM. How workers of one kind are started and reached. */
export interface Transport {
  readonly kind: WorkerKind;
  /** Whether a worker can be made to stop. One that cannot goes on, and what it says is dropped. */
  readonly canKill: boolean;
  /** Starts a worker. A start that fails is reported by `exited`, as a death is. `lastNumber`: of the last task it was given. */
  connect(listener: ConnectionListener, lastNumber: () => TaskNumber): Connection;
  /** Frees what all its connections shared; called once, when none is left. */
  close(): void;
}

/** The pipe to one worker. It never keeps the program alive by itself: the pool does, while it has work. */
export interface Connection {
  readonly pid: number | undefined;
  readonly marks: MasterMarks;
  /** The last task whose arguments have moved to the worker, if they can: nobody else can be given those. */
  readonly moved?: TaskNumber;
  /** Whether its pipe has yet to take what was sent: nothing should be sent ahead. */
  readonly congested: boolean;
  /**
   * Sends a command, and returns the bytes that it took. Throws when it cannot be encoded; then nothing of it was sent. A
   * dead worker gets nothing.
   */
  send(command: Command): number;
  /** Tells the worker to end now, in a way that it may heed. `exited` follows if it does. */
  terminate(): void;
  /** Ends the worker now. `exited` follows. */
  kill(): void;
}

export interface ConnectionListener {
  report(report: Report): void;
  /** A report could not be read: what it said is lost, so the worker must go. */
  garbled(error: unknown): void;
  /** The last word: every report that reached the master has been delivered. `startError`: it never was a worker. */
  exited(end: WorkerEnd, startError?: unknown): void;
}
