import { readFileSync } from 'node:fs';

/** Linux has counted in hundredths of a second since before any Node that runs here, on every processor. */
const TICK_MS = 10;

/**
 * ms of CPU time that this process and the children that have ended took so far. Node tells of the process alone, so
 * where there is no /proc it is undefined.
 */
export function cpuTime(): number | undefined {
  try {
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
    // utime, stime, cutime and cstime, of which the first is the 14th field of all.
    return fields
      .split(' ')
      .slice(11, 15)
      .reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  } catch {
    return undefined;
  }
}
