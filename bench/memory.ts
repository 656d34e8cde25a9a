import { readFileSync } from 'node:fs';

/** Memory of a process, in MiB: what is resident, and its share of that if others share it. */
export interface Memory {
  readonly rssMiB: number;
  readonly pssMiB: number;
}

/**
 * The peak resident memory of this process, in MiB. On Linux not by getrusage, which begins at what the parent had at the fork.
 */
export function peakMiB(): number {
  const own = process.platform === 'linux' && /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) / 1024;
}

/** The average over some processes. Linux only: elsewhere there is no figure. */
export function memoryOf(pids: ReadonlySet<number>): Record<string, number> {
  if (process.platform !== 'linux' || pids.size === 0) return {};
  const each = [...pids].map(memoryOfOne);
  const mean = (name: keyof Memory): number => each.reduce((sum, memory) => sum + memory[name], 0) / each.length;
  return { rssMiB: mean('rssMiB'), pssMiB: mean('pssMiB') };
}

function memoryOfOne(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
  return { rssMiB: mebibytes('Rss'), pssMiB: mebibytes('Pss') };
}
