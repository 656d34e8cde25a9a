import type { Job } from '../executor.js';
import type { TaskNumber } from '../wire/messages.js';
import { shared, singly, slice, type LocalChunk } from './queue/chunks.js';

/** Tasks that a worker was given together. Answers come in order within it, so one number says how far it is. */
export interface Flight {
  chunk: LocalChunk;
  /** The number of the chunk's first task. */
  readonly first: TaskNumber;
  /** When it was given to the worker, by `now()`. */
  readonly givenAt: number;
  /** How many of its tasks are answered. */
  done: number;
  /** How many of its tasks are still the worker's: those behind were taken back. */
  size: number;
  /** Its only task has been settled already, by its time limit or an abort: the worker's answer will be dropped. */
  abandoned: boolean;
  /** Cancels its time limit or its kill. */
  disarm: () => void;
}

/** Tasks of one flight that have been answered. */
export interface Answered {
  readonly flight: Flight;
  /** The position of the first of them in the flight's chunk. */
  readonly start: number;
  readonly count: number;
  /** Their position in the run of outcomes. */
  readonly at: number;
}

/** A task that a worker died in, or may have. */
export interface LostTask {
  readonly task: LocalChunk;
  /** How many tasks are suspected. */
  readonly suspects: number;
}

/** The flights that a worker has not answered. */
export class Flights implements Iterable<Flight> {
  /** The number of the last task it was given. */
  lastNumber: TaskNumber = 0;
  /** By the number of their first unanswered task. */
  readonly #flights = new Map<TaskNumber, Flight>();
  /** Flights that it must answer before it gets others. */
  readonly #barriers = new Set<Flight>();

  get size(): number {
    return this.#flights.size;
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#flights.values();
  }

  /** Whether nothing may be added. */
  get blocked(): boolean {
    return this.#barriers.size > 0;
  }

  /** Makes flights of chunks, without adding them. `givenAt`: when, by `now()`. */
  prepared(chunks: readonly LocalChunk[], givenAt: number): Flight[] {
    let first = this.lastNumber + 1;
    return chunks.map((chunk) => {
      const flight = { chunk, first, done: 0, size: chunk.items.length, givenAt, abandoned: false, disarm: nothing };
      first += flight.size;
      return flight;
    });
  }

  /** Adds prepared flights, and returns how many tasks they have. `alone`: nothing is added before they are answered. */
  add(flights: readonly Flight[], alone: boolean): number {
    let tasks = 0;
    for (const flight of flights) {
      this.#flights.set(flight.first, flight);
      if (alone) this.#barriers.add(flight);
      tasks += flight.size;
    }
    this.lastNumber += tasks;
    return tasks;
  }

  /** The flight it should be at, or begin now. */
  get next(): Flight | undefined {
    let found: Flight | undefined;
    for (const flight of this) if (flight.first < (found?.first ?? Infinity)) found = flight;
    return found;
  }

  /** The flight of a task; undefined if it has been answered. */
  of(task: TaskNumber): Flight | undefined {
    for (const flight of this)
      if (task >= flight.first + flight.done && task < flight.first + flight.size) return flight;
    return undefined;
  }

  /** Whether there are tasks of the job whose callers wait. */
  has(job: Job): boolean {
    for (const { chunk, abandoned } of this) if (chunk.job === job && !abandoned) return true;
    return false;
  }

  /** The caller of its task has its answer: what the worker still says of it will be dropped. */
  abandon(flight: Flight): void {
    flight.abandoned = true;
    this.#barriers.add(flight);
  }

  /** Removes all flights; returns the tasks whose callers still wait. `named`: the task that is to blame, if known. */
  takeAll(named: TaskNumber | undefined): LostTask[] {
    const left = [...this];
    this.#flights.clear();
    for (const { disarm } of left) disarm();
    const all = left.reduce((sum, { size, done }) => sum + size - done, 0);
    return left.flatMap(({ chunk, first, done, size, abandoned }) => {
      const tasks = abandoned ? [] : singly(slice(chunk, done, size));
      return tasks.map((task, at) => ({ task, suspects: first + done + at === named ? 1 : all }));
    });
  }

  /** Splits a flight behind its next task: only that one is to be stopped. */
  separate(flight: Flight): void {
    const behind = flight.done + 1;
    if (behind >= flight.size) return;
    flight.chunk = shared(flight.chunk);
    const chunk = slice(flight.chunk, behind, flight.size);
    const first = flight.first + behind;
    this.#flights.set(first, { ...flight, chunk, first, done: 0, size: flight.size - behind, disarm: nothing });
    flight.size = behind;
  }

  /** Takes `count` answered tasks away, from `number` on. Some of them may have been taken back before. */
  answered(number: TaskNumber, count: number): Answered[] {
    const all: Answered[] = [];
    for (let at = 0; at < count;) {
      const flight = this.#flights.get(number + at);
      const answered = flight === undefined ? 1 : Math.min(count - at, flight.size - flight.done);
      if (flight !== undefined) {
        all.push({ flight, start: flight.done, count: answered, at });
        this.advance(flight, answered);
      }
      at += answered;
    }
    return all;
  }

  /** Moves past the next tasks of a flight. */
  advance(flight: Flight, tasks: number): void {
    this.#flights.delete(flight.first + flight.done);
    flight.done += tasks;
    // A stopped flight is watched to its end.
    if (!flight.abandoned) flight.disarm();
    this.#keep(flight);
  }

  /**
   * Removes the tasks with numbers above `begun` and below `before`. Returns those whose callers wait, and how many it
   * removed.
   */
  notBegun(begun: TaskNumber, before: TaskNumber): { readonly chunks: LocalChunk[]; readonly tasks: number } {
    const chunks: LocalChunk[] = [];
    let tasks = 0;
    for (const [key, flight] of [...this.#flights].toSorted(([a], [b]) => a - b)) {
      const keep = Math.max(flight.done, begun + 1 - flight.first);
      if (keep >= flight.size || flight.first >= before) continue;
      if (!flight.abandoned) chunks.push(takenFrom(flight, keep));
      tasks += flight.size - keep;
      flight.size = keep;
      this.#flights.delete(key);
      this.#keep(flight);
    }
    return { chunks, tasks };
  }

  #keep(flight: Flight): void {
    if (flight.done < flight.size) {
      this.#flights.set(flight.first + flight.done, flight);
      return;
    }
    flight.disarm();
    this.#barriers.delete(flight);
  }
}

/** The tasks of a flight from `keep` on: they and those that stay, if any do, are one chunk for its job. */
function takenFrom(flight: Flight, keep: number): LocalChunk {
  if (keep > flight.done) flight.chunk = shared(flight.chunk);
  return slice(flight.chunk, keep, flight.size);
}

function nothing(): void {}
