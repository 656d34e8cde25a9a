import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this program holds, after a collection. */
export interface Holding {
  readonly heapMiB: number;
  readonly rssMiB: number;
  /** Open file descriptors; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
  /** What keeps the event loop busy. */
  readonly resources: number;
}

let collect: (() => void) | undefined;

export function holding(): Holding {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heapMiB: heapUsed / 2 ** 20,
    rssMiB: rss / 2 ** 20,
    descriptors: descriptors(),
    resources: process.getActiveResourcesInfo().length,
  };
}

function descriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
