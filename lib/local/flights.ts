import { shared, singly, slice, type Chunk, type Job } from '../executor.js';
import type { TaskNumber } from '../wire/messages.js';

/** Tasks that a worker was given together. Answers come in order within it, so one number says how far it is. */
export interface Flight {
  chunk: Chunk;
  /** The number of the chunk's first task. */
  readonly first: TaskNumber;
  /** When it was given to the worker, by `now()`. */
  readonly given: number;
  /** How many of its tasks are answered. */
  done: number;
  /** How many of its tasks are still the worker's: those behind were taken back. */
  size: number;
  /** Its only task has been settled already, by its time limit or an abort: the worker's answer will be dropped. */
  abandoned: boolean;
  /** Cancels what its time limit set up. */
  disarm: () => void;
}

/** Tasks of one flight that have been answered. */
export interface Answered {
  readonly flight: Flight;
  /** The position of the first of them in the flight's chunk. */
  readonly start: number;
  readonly count: number;
  /** Where they are in the run of outcomes. */
  readonly at: number;
}

/** A task that a worker died in, or may have. */
export interface LostTask {
  readonly task: Chunk;
  /** How many it may have died in. */
  readonly suspects: number;
}

/** What a worker was given and has not answered. */
export class Flights implements Iterable<Flight> {
  /** The number of the last task it was given. */
  given: TaskNumber = 0;
  /** By the number of their first unanswered task. */
  readonly #flights = new Map<TaskNumber, Flight>();
  /** Those that it must have answered before it gets others. */
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

  /** Chunks as flights that are to be added, or not. `given`: now. */
  prepared(chunks: readonly Chunk[], given: number): Flight[] {
    let first = this.given + 1;
    return chunks.map((chunk) => {
      const flight = { chunk, first, done: 0, size: chunk.items.length, given, abandoned: false, disarm: nothing };
      first += flight.size;
      return flight;
    });
  }

  /** Adds flights that were prepared, and returns how many tasks they have. `alone`: nothing is added before they are answered. */
  add(flights: readonly Flight[], alone: boolean): number {
    let tasks = 0;
    for (const flight of flights) {
      this.#flights.set(flight.first, flight);
      if (alone) this.#barriers.add(flight);
      tasks += flight.size;
    }
    this.given += tasks;
    return tasks;
  }

  /** What the worker should be at, or begin now. */
  get next(): Flight | undefined {
    let found: Flight | undefined;
    for (const flight of this) if (flight.first < (found?.first ?? Infinity)) found = flight;
    return found;
  }

  /** Which of them this task belongs to, where it is not answered. */
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

  /** Takes them all away; returns the tasks whose callers still wait. `named`: the one that is to blame, where that is known. */
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

  /** Makes a flight of what is behind its next task: that task alone is to be stopped. */
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

  /** The next tasks of a flight are done with. */
  advance(flight: Flight, tasks: number): void {
    this.#flights.delete(flight.first + flight.done);
    flight.done += tasks;
    // Of one that was stopped, all are to end.
    if (!flight.abandoned) flight.disarm();
    this.#keep(flight);
  }

  /** Takes the tasks with numbers above `begun` and below `before` away, and returns those whose callers wait; and how many they were. */
  notBegun(begun: TaskNumber, before: TaskNumber): { readonly chunks: Chunk[]; readonly tasks: number } {
    const chunks: Chunk[] = [];
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
function takenFrom(flight: Flight, keep: number): Chunk {
  if (keep > flight.done) flight.chunk = shared(flight.chunk);
  return slice(flight.chunk, keep, flight.size);
}

function nothing(): void {}
