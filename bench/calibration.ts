import { tasks } from './tasks.js';

/** The environment tells a master how many units of `spin` are a millisecond: the same for all contenders of a run. */
export const UNITS_VARIABLE = 'FORKPOOL_BENCH_UNITS_PER_MS';

const WARM_UP_MS = 200;
const LAPS = 30;
const UNITS_PER_LAP = 2_000;

/** How many units of `spin` this machine does in a millisecond when nothing disturbs it: the fastest of some laps. */
export function calibrated(): number {
  const warm = performance.now() + WARM_UP_MS;
  while (performance.now() < warm) tasks.spin(100);
  const fastest = Math.min(...Array.from({ length: LAPS }, () => lapMs(UNITS_PER_LAP)));
  return Math.round(UNITS_PER_LAP / fastest);
}

function lapMs(units: number): number {
  const start = performance.now();
  tasks.spin(units);
  return performance.now() - start;
}

/** The argument of `spin` for a number of milliseconds. */
export function unitsFor(ms: number): number {
  const perMs = Number(process.env[UNITS_VARIABLE]);
  if (!(perMs > 0)) throw new Error(`\`${UNITS_VARIABLE}\` is not set: this program is started by the runner`);
  return Math.round(ms * perMs);
}
