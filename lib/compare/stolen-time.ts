import { readFileSync } from 'node:fs';

/**
 * ms for which this thread has been ready to run and had no CPU, since others had it. On a busy machine a function that
 * computes all the time gets part of it only, and would look like one that waits. Linux tells; 0 elsewhere.
 *
 * @see https://docs.kernel.org/scheduler/sched-stats.html `cpu-time run-delay slices`, in ns
 */
export function stolenTime(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
