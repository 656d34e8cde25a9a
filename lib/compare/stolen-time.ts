import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** CPU time of threads since they began, in ms. */
export interface CpuTime {
  readonly usedMs: number;
  /** Time in which they were ready to run but others had the CPU. */
  readonly waitedMs: number;
}

/** By the names of threads in /proc; empty except on Linux. */
export type CpuTimes = ReadonlyMap<string, CpuTime>;

/** What /proc calls this thread: `4321/task/4330`; empty without /proc. */
export function threadName(): string {
  return found(() => readlinkSync('/proc/thread-self'), '');
}

/** CPU times of every thread of this program: a thread of libuv may compute for it. */
export function cpuTimesHere(): CpuTimes {
  return timesOf(threadsOf(dirname(threadName())));
}

/** The same, and those of every thread of each process that this thread has forked, read from outside, without asking it. */
export function cpuTimes(): CpuTimes {
  const folders = [dirname(threadName()), ...children().map((pid) => `${pid}/task`)];
  return timesOf(folders.flatMap(threadsOf));
}

/** CPU times of some threads between two readings. A thread that came in between began at 0. */
export function between(before: CpuTimes, after: CpuTimes, isMeant: (thread: string) => boolean): CpuTimes {
  const spent = new Map<string, CpuTime>();
  for (const [thread, { usedMs, waitedMs }] of after) {
    const earlier = before.get(thread) ?? { usedMs: 0, waitedMs: 0 };
    if (isMeant(thread)) {
      spent.set(thread, { usedMs: usedMs - earlier.usedMs, waitedMs: waitedMs - earlier.waitedMs });
    }
  }
  return spent;
}

/** A thread with less than this share of the CPU time is a helper, such as a garbage collector's: the loop goes on beside it. */
const OF_WEIGHT = 0.05;
/** Threads that take turns need one CPU between them, and a little more where one begins before another has ended. */
const TAKE_TURNS = 1.25;

/**
 * For how much of `ms` workers could not run since others had the CPUs: a mean. On a busy machine a function that computes all
 * the time gets only part of it, and would look like one that waits. A worker is its loop and the threads that compute for it:
 * while one of these waits for a CPU, so does the loop. But several that compute at once also wait for each other, which is not
 * time that others took: then only the waiting of the loops is known.
 */
export function stolenOf(spent: CpuTimes, loops: ReadonlySet<string>, ms: number): number {
  if (loops.size === 0) return 0;
  const all = total([...spent.values()]);
  const looping = total([...spent].filter(([thread]) => loops.has(thread)).map(([, time]) => time));
  const working = total(
    [...spent]
      .filter(([thread, { usedMs }]) => loops.has(thread) || usedMs >= OF_WEIGHT * all.usedMs)
      .map(([, time]) => time),
  );
  const had = ms * loops.size;
  const takeTurns = working.usedMs + working.waitedMs <= TAKE_TURNS * had;
  const waitedMs = takeTurns ? Math.min(working.waitedMs, had - working.usedMs) : 0;
  return Math.max(looping.waitedMs, waitedMs) / loops.size;
}

function total(times: readonly CpuTime[]): CpuTime {
  return {
    usedMs: times.reduce((sum, { usedMs }) => sum + usedMs, 0),
    waitedMs: times.reduce((sum, { waitedMs }) => sum + waitedMs, 0),
  };
}

function timesOf(threads: readonly string[]): CpuTimes {
  return new Map(threads.flatMap((thread) => cpuTimeOf(thread).map((time) => [thread, time] as const)));
}

/**
 * Empty for a thread that has ended.
 *
 * @see https://docs.kernel.org/scheduler/sched-stats.html `cpu-time run-delay slices`, in ns
 */
function cpuTimeOf(thread: string): CpuTime[] {
  const schedstat = found(() => readFileSync(`/proc/${thread}/schedstat`, 'utf8'), '');
  const [used, waited] = schedstat.split(' ').map(Number);
  return used === undefined || waited === undefined ? [] : [{ usedMs: used / 1e6, waitedMs: waited / 1e6 }];
}

function threadsOf(folder: string): string[] {
  return found(() => readdirSync(`/proc/${folder}`), []).map((id) => `${folder}/${id}`);
}

function children(): string[] {
  return found(() => readFileSync('/proc/thread-self/children', 'utf8'), '').match(/\d+/g) ?? [];
}

/** Threads come and go while we look, and not every system has /proc. */
function found<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
