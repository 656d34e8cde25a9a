import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';

/**
 * How many processes can run at once here: the CPUs that this process may use (affinity), within the CPU quota of its
 * control group (a container's limit), rounded down, at least 1. `availableParallelism` alone knows of the quota from
 * Node 24 on.
 */
export function parallelism(): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quota(readText))));
}

/** CPUs that the control group grants, version 1 or 2; Infinity without a limit. `read`: a file's text, if it is there. */
export function quota(read: (path: string) => string | undefined): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  let least = Infinity;
  for (const [, controllers = '', path = ''] of groups) {
    if (path === '') continue;
    if (controllers === '') least = Math.min(least, ...upwards('/sys/fs/cgroup', path).map((at) => quotaV2(at, read)));
    if (controllers.split(',').includes('cpu')) {
      const roots = [`/sys/fs/cgroup/${controllers}`, '/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'];
      for (const root of roots) least = Math.min(least, ...upwards(root, path).map((at) => quotaV1(at, read)));
    }
  }
  return least;
}

/** `<quota> <period>` in µs, or `max <period>`. */
function quotaV2(folder: string, read: (path: string) => string | undefined): number {
  const [quotaUs, periodUs] = (read(`${folder}/cpu.max`) ?? '').split(/\s+/).map(Number);
  return cpus(quotaUs, periodUs);
}

function quotaV1(folder: string, read: (path: string) => string | undefined): number {
  return cpus(Number(read(`${folder}/cpu.cfs_quota_us`)), Number(read(`${folder}/cpu.cfs_period_us`)));
}

function cpus(quotaUs = NaN, periodUs = NaN): number {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : Infinity;
}

/** A group and those it is in; a container sees its own group as the root, whatever its path says. */
function upwards(root: string, path: string): string[] {
  const folders = [root];
  for (let at = posix.normalize(path); at !== '/' && at !== '.'; at = posix.dirname(at))
    folders.push(posix.join(root, at));
  return folders;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
