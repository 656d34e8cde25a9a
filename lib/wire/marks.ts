import { Buffer } from 'node:buffer';
import { keptIn, KeptOutcomes } from './kept-outcomes.js';
import type { OutcomeRun, TaskNumber } from './messages.js';
import { readSync, writeSync } from './originals.js';

/**
 * Marks that a master and a worker keep for each other in a place that either can read at any moment: the master
 * after the worker's death, the worker while the master is busy.
 *
 * - `begun`, written by the worker before it runs tasks: all up to this number may have begun. Outcomes that it has yet to send
 *   can be kept beside it.
 * - `recall`, written by the master: tasks in this range that have not begun must not begin any more.
 * - `loading`, written by the worker before it looks for the function of a task, which does not begin it.
 *
 * Each side writes its own mark first and reads the other's afterwards. So if a task is begun and recalled at the same
 * moment, at least one side sees the other's mark: they never both believe that it is theirs to run.
 */
export interface Marks extends WorkerMarks, MasterMarks {}

/** The worker's side. */
export interface WorkerMarks {
  /** Says that all tasks up to `last` may have begun, and returns what has been recalled. */
  begin(last: TaskNumber): Recall;
  /** Says that it looks for the function of this task, which may be its end. */
  load(task: TaskNumber): void;
  /** Outcomes kept here reach the master with the next `begin`. Undefined if nothing can be kept. */
  readonly outcomes?: KeptOutcomes;
}

/** The master's side. */
export interface MasterMarks {
  /** The last task that may have begun. */
  begun(): TaskNumber;
  /** The task whose function the worker looked for last; 0 for none. */
  loading(): TaskNumber;
  /** The outcomes kept when the worker began the task `last`. Undefined if there are none, or it has begun another. */
  kept?(last: TaskNumber): OutcomeRun | undefined;
  /** Takes back the tasks from `from` up to, not including, `to`. */
  recall(from: TaskNumber, to: TaskNumber): void;
}

/** Tasks from `from` up to, not including, `to`. */
export interface Recall {
  readonly from: TaskNumber;
  readonly to: TaskNumber;
}

/**
 * Bytes of a worker's marks and kept outcomes. In a file this is a page, since a write to one is whole even if the writer is
 * killed: first `begun`, the kept outcomes and the number of `begun` again, which are written together; at the end `loading` and
 * `recall`.
 */
export const MARKS_SIZE = 4096;
/** Bytes of a mark: each of its two numbers twice, since a reader may meet a write halfway. */
const MARK = 32;

/**
 * A mark that stays half written for this many reads, 60 to 200 ms, was overwritten: a task may write to any descriptor. Then all
 * tasks may have begun, and none is recalled.
 */
const MOST_TRIES = 100_000;
/** Where `recall` is in a worker's page. */
const RECALL = MARKS_SIZE - MARK;
/** Where `loading` is. */
const LOADING = RECALL - MARK;
/** Bytes of a number. */
const NUMBER = 8;

/** Marks in a file that both processes hold open. A write or a read is one system call of about 0.6 µs. */
export function fileMarks(fd: number, position: number): Marks {
  const page = Buffer.allocUnsafeSlow(LOADING);
  const room = page.subarray(MARK, LOADING - NUMBER);
  const outcomes = new KeptOutcomes(room);
  const words = new Float64Array(page.buffer);

  const write = (at: number, first: number, second: number, bytes: number): void => {
    words[0] = words[2] = first;
    words[1] = words[3] = second;
    // `undefined`, not 0: Node's check of a number leaves garbage with each task.
    writeSync(fd, page, undefined, bytes, position + at);
  };
  const read = (at: number): readonly [number, number] => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const got = readSync(fd, page, 0, MARK, position + at);
      if (got < MARK) return [0, 0];
      if (words[0] === words[2] && words[1] === words[3]) return [words[0] ?? 0, words[1] ?? 0];
    }
    return [Number.MAX_SAFE_INTEGER, 0];
  };
  /**
   * How many bytes are kept beside the mark of `last`, once all are there: a reader can meet the mark before them. The number
   * behind the text shows it, since no text has its zero bytes. 0 if the mark is another.
   */
  const bytesKept = (last: TaskNumber): number => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const [at, bytes] = read(0);
      if (at !== last || !(bytes > 0 && bytes <= room.length)) return 0;
      const behind = wordBehind(bytes);
      readSync(fd, page, behind * NUMBER, NUMBER, position + behind * NUMBER);
      if (words[behind] === last) return bytes;
    }
    return 0;
  };

  return {
    outcomes,
    begin(last) {
      const { bytes } = outcomes;
      const behind = wordBehind(bytes);
      if (bytes > 0) words[behind] = last;
      write(0, last, bytes, bytes > 0 ? (behind + 1) * NUMBER : MARK);
      const [from, to] = read(RECALL);
      return { from, to };
    },
    load: (task) => write(LOADING, task, 0, MARK),
    begun: () => read(0)[0],
    loading: () => read(LOADING)[0],
    kept(last) {
      const bytes = bytesKept(last);
      if (bytes === 0) return undefined;
      readSync(fd, room, 0, bytes, position + MARK);
      return read(0)[0] === last ? keptIn(room, bytes) : undefined;
    },
    recall: (from, to) => write(RECALL, from, to, MARK),
  };
}

/** The index of the first number of a page behind its mark and this many bytes. */
function wordBehind(bytes: number): number {
  return Math.ceil((MARK + bytes) / NUMBER);
}

/** For when there can be no file: the last task given counts as begun, so a death may blame one that had not. */
export function noMarks(given: () => TaskNumber): Marks {
  return { begin: () => ({ from: 0, to: 0 }), load: () => {}, begun: given, loading: () => 0, recall: () => {} };
}

/** In place of the first recalled task while a range is being written: the worker reads again until it is gone. */
const COMING = Number.MAX_SAFE_INTEGER;
/** Numbers: the last task that may have begun, the range recalled (two), how many bytes are kept, and the task being loaded. */
const SHARED_WORDS = 5;

/** Marks in `MARKS_SIZE` bytes of memory that threads share. Kept outcomes lie where they were made. */
export function sharedMarks(memory: SharedArrayBuffer): Marks {
  const words = new BigInt64Array(memory, 0, SHARED_WORDS);
  const room = Buffer.from(memory, words.byteLength);
  const outcomes = new KeptOutcomes(room);
  const read = (at: number): number => Number(Atomics.load(words, at));
  return {
    outcomes,
    begin(last) {
      // First the outcomes of tasks that ended before this one.
      Atomics.store(words, 3, BigInt(outcomes.bytes));
      Atomics.store(words, 0, BigInt(last));
      for (;;) {
        const from = read(1);
        const to = read(2);
        // Without COMING, an old `from` could be read together with a new `to`.
        if (from !== COMING && read(1) === from) return { from, to };
      }
    },
    load: (task) => void Atomics.store(words, 4, BigInt(task)),
    begun: () => read(0),
    loading: () => read(4),
    kept(last) {
      const bytes = read(3);
      const copy = Buffer.from(room.subarray(0, bytes));
      return read(0) === last ? keptIn(copy, bytes) : undefined;
    },
    recall(from, to) {
      const [first, end] = [BigInt(from), BigInt(to)];
      Atomics.store(words, 1, BigInt(COMING));
      Atomics.store(words, 2, end);
      Atomics.store(words, 1, first);
    },
  };
}

/** Marks for a worker in the master's own thread, where nothing happens at the same moment. */
export function localMarks(): Marks {
  let last: TaskNumber = 0;
  let loading: TaskNumber = 0;
  let recalled: Recall = { from: 0, to: 0 };
  return {
    begin(number) {
      last = number;
      return recalled;
    },
    load: (task) => void (loading = task),
    begun: () => last,
    loading: () => loading,
    recall: (from, to) => void (recalled = { from, to }),
  };
}
