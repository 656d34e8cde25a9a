import { now } from '../lib/wire/clock.js';
import { TINY_MS } from '../lib/wire/messages.js';

/** What a group may hold: if the worker dies, all of these share the blame. */
export const MOST_TASKS = 256;
const MOST_MS = 1;
/** Outcomes in a group stay in memory until they are sent together; a message costs little beside so many bytes. */
const MOST_BYTES = 256 * 1024;

/** The clock is asked after the first task and then after so many: to ask it after each can cost more than the task. */
const LOOK_EVERY = 4;
/**
 * Where so many more wait behind them, it is asked less often: should these be long all of a sudden, others find enough to do
 * meanwhile. The workers of a map of numbers take 0.86 of the CPU so (measured).
 */
const MANY = 1024;
const LOOK_EVERY_OF_MANY = 16;

/** Whether a group that began at `start`, when so many tasks of its chunk waited, has run for too long to go on after `count`. */
export function isOverlong(count: number, start: number, waiting: number): boolean {
  const every = waiting < MANY ? LOOK_EVERY : LOOK_EVERY_OF_MANY;
  return count % every === 1 && now() - start > MOST_MS;
}

/** How many tasks of each function begin together: one, until its tasks are known to be tiny. */
export class GroupSize {
  readonly #sizes = new Map<number, number>();

  of(functionId: number): number {
    return this.#sizes.get(functionId) ?? 1;
  }

  /**
   * `count` tasks took `ms` together, and their outcomes so many bytes. It grows by and by, so a first long task after
   * tiny ones costs few their blame; fourfold, since each step is a message: of tiny tasks with a long one here and there, a map takes
   * 0.95 of the time that it takes where it doubles (measured).
   */
  record(functionId: number, count: number, ms: number, bytes: number): void {
    const each = ms / count;
    if (each >= TINY_MS) return this.forget(functionId);
    const fits = Math.min(Math.floor(MOST_MS / each), Math.floor((MOST_BYTES * count) / bytes));
    this.#sizes.set(functionId, Math.max(1, Math.min(this.of(functionId) * 4, MOST_TASKS, fits)));
  }

  /** Its tasks are not tiny, or do not end at once: each begins alone. */
  forget(functionId: number): void {
    this.#sizes.delete(functionId);
  }
}
