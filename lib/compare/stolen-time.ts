import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * ms for which a thread has been ready to run and had no CPU, since others had it. On a busy machine a function that
 * computes all the time gets part of it only, and would look like one that waits. Linux tells; 0 elsewhere.
 *
 * @see https://docs.kernel.org/scheduler/sched-stats.html `cpu-time run-delay slices`, in ns
 */
export function stolenTime(thread = 'thread-self'): number {
  const schedstat = found(() => readFileSync(`/proc/${thread}/schedstat`, 'utf8'), '');
  return Number(schedstat.split(' ')[1] ?? 0) / 1e6;
}

/** What /proc calls this thread: `4321/task/4330`; nothing where there is no /proc. */
export function threadName(): string {
  return found(() => readlinkSync('/proc/thread-self'), '');
}

/**
 * That of every thread of this program, and of the main one of each process that this thread has forked, by their names in
 * /proc: it is seen from outside, and nobody has to be asked.
 */
export function stolenTimes(): Map<string, number> {
  return new Map([...threads(), ...children()].map((thread) => [thread, stolenTime(thread)]));
}

function threads(): string[] {
  const folder = dirname(threadName());
  return found(() => readdirSync(`/proc/${folder}`), []).map((id) => `${folder}/${id}`);
}

function children(): string[] {
  const pids = found(() => readFileSync('/proc/thread-self/children', 'utf8'), '').match(/\d+/g) ?? [];
  return pids.map((pid) => `${pid}/task/${pid}`);
}

/** Threads come and go while we look, and not every system has them to be looked at. */
function found<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
