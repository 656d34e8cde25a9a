import { now } from '../lib/wire/clock.js';
import { TINY_MS } from '../lib/wire/messages.js';

/** Most tasks that share a mark: if the worker dies, all of them share the blame. */
export const MOST_GROUP_TASKS = 256;
const MOST_GROUP_MS = 1;
/** Outcomes in a group stay in memory until they are sent together; a message costs little beside this many bytes. */
const MOST_GROUP_BYTES = 256 * 1024;

/** The clock is read after the first task, then after this many: reading it after each can cost more than the task. */
const LOOK_EVERY = 4;
/**
 * If this many of the chunk wait, it is read less often: should they suddenly be long, other workers find enough to do
 * meanwhile. The workers of a map of numbers take 0.86 of the CPU this way (measured).
 */
const MANY_WAITING = 1024;
const LOOK_EVERY_OF_MANY = 16;

/** Whether a group that began at `start`, with `waiting` tasks of its chunk left, has run for too long to go on after `count`. */
export function isOverlong(count: number, start: number, waiting: number): boolean {
  const every = waiting < MANY_WAITING ? LOOK_EVERY : LOOK_EVERY_OF_MANY;
  return count % every === 1 && now() - start > MOST_GROUP_MS;
}

/**
 * Tasks are answered together if several take less than this, and after this many ms: each answer wakes the master, which takes a
 * core from a worker if all are busy. This way 20,000 tasks of 30 µs take 0.74 of the time, 8,000 of 0.1 ms 0.87, 4,000 of 0.2 ms
 * 0.9 (measured).
 */
export const ANSWER_MS = 2;

/** How the next tasks of a function are to begin. */
export interface Plan {
  /** How many are answered together. */
  readonly size: number;
  /** They share a mark; if not, each has its own, with the outcomes of those before it. */
  readonly sharesMark: boolean;
}

const ALONE: Plan = { size: 1, sharesMark: false };

/** How the tasks of each function begin: each alone, until they are known to be short. */
export class GroupPlans {
  readonly #plans = new Map<number, Plan>();

  of(functionId: number): Plan {
    return this.#plans.get(functionId) ?? ALONE;
  }

  /** `count` tasks took `ms` together, and their outcomes take `bytes`. */
  record(functionId: number, count: number, ms: number, bytes: number): void {
    const each = ms / count;
    this.#plans.set(functionId, each < TINY_MS ? this.#ofTiny(functionId, each, bytes / count) : ofShort(each));
  }

  /**
   * The size grows in steps, so a first long task after tiny ones puts blame on few; fourfold, since each step is a message:
   * a map of tiny tasks with a long one here and there takes 0.95 of the time that it takes with doubling (measured).
   */
  #ofTiny(functionId: number, ms: number, bytes: number): Plan {
    const { size, sharesMark } = this.of(functionId);
    const fits = Math.min(Math.floor(MOST_GROUP_MS / ms), Math.floor(MOST_GROUP_BYTES / bytes));
    return { size: Math.max(1, Math.min(4 * (sharesMark ? size : 1), MOST_GROUP_TASKS, fits)), sharesMark: true };
  }

  /** Its tasks do not end at once, or what they return cannot wait: each begins alone. */
  forget(functionId: number): void {
    this.#plans.delete(functionId);
  }
}

function ofShort(ms: number): Plan {
  return { size: Math.max(1, Math.floor(ANSWER_MS / ms)), sharesMark: false };
}
