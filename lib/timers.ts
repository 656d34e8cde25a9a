// Never the global ones: a test may have replaced them by fakes, and under jsdom they return numbers.
import { clearImmediate, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';

/** The longest delay that `setTimeout` can hold; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Calls back once after `ms`, however long that is; never for Infinity. Returns what cancels it. Keeps no program alive:
 * the pool does that, while it has work.
 */
export function after(ms: number, callback: () => void): () => void {
  if (ms === Infinity) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST ? wait(left - LONGEST) : callback()), Math.min(left, LONGEST)).unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/**
 * As `after`, and then lets this thread read what has arrived: while it was busy, a timer and a message may both have
 * come due, and the timer would be served first.
 */
export function afterPoll(ms: number, callback: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const cancel = after(ms, () => (immediate = setImmediate(callback)));
  return () => {
    cancel();
    clearImmediate(immediate);
  };
}

/** One timer for all: pools start and stop holding the program with each call, and a new timer was a tenth of a call's cost. */
let timer: NodeJS.Timeout | undefined;
let holders = 0;

/** Keeps the program alive until the returned function is called, once. */
export function keepAlive(): () => void {
  timer ??= setInterval(() => {}, LONGEST);
  if (holders++ === 0) timer.ref();
  return () => {
    if (--holders === 0) timer?.unref();
  };
}
