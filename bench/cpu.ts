import { readFileSync, readdirSync } from 'node:fs';
import type { CpuTime } from './sample.js';

/*
 * The CPU time used so far: of this process by getrusage, which includes its threads; of every living process below it by the
 * schedstat of each of its threads, in ns; of ended ones by what the kernel keeps for whoever waits for them, in ticks of
 * 10 ms. On systems without /proc the children stay unknown.
 *
 * Looking for the children is itself work of the master, which grows with the processes of the machine: it belongs to no lap.
 */

/** Read before the work: first the children's, so that looking for them is over when the master's own is read. */
export function cpuBefore(): CpuTime {
  const children = childrenUs();
  return { masterUs: masterUs(), childrenUs: children };
}

/** Read after the work: the master's own before looking for the children. */
export function cpuAfter(): CpuTime {
  const master = masterUs();
  return { masterUs: master, childrenUs: childrenUs() };
}

export function cpuBetween(before: CpuTime, after: CpuTime): CpuTime {
  const known = before.childrenUs !== null && after.childrenUs !== null;
  return {
    masterUs: after.masterUs - before.masterUs,
    childrenUs: known ? after.childrenUs - before.childrenUs : null,
  };
}

function masterUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function childrenUs(): number | null {
  if (process.platform !== 'linux') return null;
  return descendants().reduce((sum, pid) => sum + usedBy(pid), endedUs());
}

/** Length of a tick in /proc, on every Linux that Node runs on. */
const TICK_US = 10_000;

/** `cutime` and `cstime`: what children that have ended had used. */
function endedUs(): number {
  const [user = 0, system = 0] = statOf('self').slice(13, 15).map(Number);
  return (user + system) * TICK_US;
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

function parentOf(pid: number): number {
  return Number(statOf(pid)[1] ?? 0);
}

/** The fields of a stat file from the third on; the second, the name in brackets, may itself hold spaces and brackets. */
function statOf(pid: number | 'self'): string[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
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
