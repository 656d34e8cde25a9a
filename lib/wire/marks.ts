import { readSync, writeSync } from 'node:fs';
import type { TaskNumber } from './messages.js';

/**
 * Two marks that a master and a worker keep for each other where either can read the other's at any moment: the master
 * after the worker's death, the worker while the master is busy.
 *
 * - `begun`, written by the worker before it runs tasks: all up to this number may have begun.
 * - `recall`, written by the master: tasks in this range that have not begun must not begin any more.
 *
 * Each side writes its own mark first and reads the other's afterwards. So of a task that is begun and recalled at the
 * same moment at least one side sees the other's mark: never do both sides believe that it is theirs to run.
 */
export interface Marks {
  /** Worker: says that all tasks up to `last` may have begun, and returns what has been recalled. */
  begin(last: TaskNumber): Recall;
  /** Master: the last task that may have begun. */
  begun(): TaskNumber;
  /** Master: takes back the tasks from `from` up to, not including, `to`. */
  recall(from: TaskNumber, to: TaskNumber): void;
}

/** Tasks from `from` up to, not including, `to`. */
export interface Recall {
  readonly from: TaskNumber;
  readonly to: TaskNumber;
}

/** Bytes that a worker's marks take: each number twice, since a reader may meet a write halfway. */
export const MARKS_SIZE = 64;

/** Marks in a file that both processes hold open. A write or a read is one system call of about 0.6 µs. */
export function fileMarks(fd: number, position: number): Marks {
  const words = new Float64Array(4);
  const bytes = new Uint8Array(words.buffer);

  const write = (offset: number, first: number, second: number): void => {
    words[0] = words[2] = first;
    words[1] = words[3] = second;
    // Not 0: what Node does to check it leaves garbage with each task.
    writeSync(fd, bytes, undefined, 32, position + offset);
  };
  const read = (offset: number): Recall => {
    for (;;) {
      const got = readSync(fd, bytes, 0, 32, position + offset);
      if (got < 32) return { from: 0, to: 0 };
      if (words[0] === words[2] && words[1] === words[3]) return { from: words[0] ?? 0, to: words[1] ?? 0 };
    }
  };

  return {
    begin(last) {
      write(0, last, 0);
      return read(32);
    },
    begun: () => read(0).from,
    recall: (from, to) => write(32, from, to),
  };
}

/** Where no file can be had: the last task given counts as begun, so a death may blame one that had not. */
export function noMarks(given: () => TaskNumber): Marks {
  return { begin: () => ({ from: 0, to: 0 }), begun: given, recall: () => {} };
}

/** In place of the first task of a range that is just being written: what was recalled before is recalled still. */
const COMING = Number.MAX_SAFE_INTEGER;

/** Marks in memory that threads share; `MARKS_SIZE` bytes of it. */
export function sharedMarks(memory: SharedArrayBuffer): Marks {
  const words = new BigInt64Array(memory);
  const read = (at: number): number => Number(Atomics.load(words, at));
  return {
    begin(last) {
      Atomics.store(words, 0, BigInt(last));
      for (;;) {
        const from = read(1);
        const to = read(2);
        // An old one would be seen with a new `to`, if it were not written first that another one comes.
        if (from !== COMING && read(1) === from) return { from, to };
      }
    },
    begun: () => read(0),
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
  let recalled: Recall = { from: 0, to: 0 };
  return {
    begin(number) {
      last = number;
      return recalled;
    },
    begun: () => last,
    recall: (from, to) => void (recalled = { from, to }),
  };
}
