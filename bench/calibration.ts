import { tasks } from './tasks.js';

/** The environment tells a master how many units of `spin` are a millisecond: the same for all contenders of a run. */
export const unitsVariable = 'FORKPOOL_BENCH_UNITS_PER_MS';

const warmUpMs = 200;
const laps = 30;
const unitsPerLap = 2_000;

/** How many units of `spin` this machine does in a millisecond when nothing disturbs it: the fastest of some laps. */
export function calibrated(): number {
  const warm = performance.now() + warmUpMs;
  while (performance.now() < warm) tasks.spin(100);
  const fastest = Math.min(...Array.from({ length: laps }, () => lapMs(unitsPerLap)));
  return Math.round(unitsPerLap / fastest);
}

function lapMs(units: number): number {
  const start = performance.now();
  tasks.spin(units);
  return performance.now() - start;
}

/** The argument of `spin` for a number of milliseconds. */
export function unitsFor(ms: number): number {
  const perMs = Number(process.env[unitsVariable]);
  if (!(perMs > 0)) throw new Error(`\`${unitsVariable}\` is not set: this program is started by the runner`);
  return Math.round(ms * perMs);
}
