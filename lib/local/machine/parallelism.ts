import { availableParallelism } from 'node:os';
import { controlGroups, readText, type ControlGroup, type ReadText } from './cgroup.js';

/**
 * How many processes can run at once here: the CPUs that this process may use (affinity), within the CPU quota of its control
 * group (a container's limit), rounded down, at least 1. `availableParallelism` knows the quota only from Node 24 on.
 */
export function parallelism(): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quota(readText))));
}

/** CPUs that the control group grants, version 1 or 2; Infinity without a limit. */
export function quota(read: ReadText): number {
  return Math.min(Infinity, ...controlGroups('cpu', read).map((group) => quotaOf(group, read)));
}

/** Version 2 writes `<quota> <period>` in µs, or `max <period>`. */
function quotaOf({ version, folder }: ControlGroup, read: ReadText): number {
  if (version === 2) return cpus(...((read(`${folder}/cpu.max`) ?? '').split(/\s+/).map(Number) as [number, number]));
  return cpus(Number(read(`${folder}/cpu.cfs_quota_us`)), Number(read(`${folder}/cpu.cfs_period_us`)));
}

function cpus(quotaUs = NaN, periodUs = NaN): number {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : Infinity;
}
