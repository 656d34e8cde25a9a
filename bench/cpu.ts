import { readFileSync, readdirSync } from 'node:fs';

import type { CpuTime } from './sample.js';

/** What a process tree had used at some moment. */
export interface CpuReading {
  readonly masterUs: number;
  readonly children: ReadonlyMap<number, number> | null;
}

/**
 * The CPU time used so far: of this process by getrusage, which counts its threads in; of every process below it by the
 * schedstat of each of its threads, in ns. The ticks of /proc/PID/stat would be 10 ms. A child that ends between two
 * readings takes its time along; no question so far ends one. On systems without /proc the children stay unknown.
 */
export function readCpu(): CpuReading {
  const children = process.platform === 'linux' ? new Map(descendants().map((pid) => [pid, usedBy(pid)])) : null;
  const { user, system } = process.cpuUsage();
  return { masterUs: user + system, children };
}

export function cpuBetween(before: CpuReading, after: CpuReading): CpuTime {
  return {
    masterUs: after.masterUs - before.masterUs,
    childrenUs: after.children && [...after.children].reduce((sum, [pid, us]) => sum + us - usedBefore(pid), 0),
  };

  function usedBefore(pid: number): number {
    return before.children?.get(pid) ?? 0;
  }
}

function descendants(): number[] {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (parents.get(pid) === process.pid || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow);
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The fourth field of the stat file; the second, the name in brackets, may itself hold spaces and brackets. */
function parentOf(pid: number): number {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

function usedBy(pid: number): number {
  const ns = threadsOf(pid).map((tid) => Number(readOrEmpty(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0]));
  return ns.reduce((sum, each) => sum + each, 0) / 1000;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Processes come and go while we look. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
