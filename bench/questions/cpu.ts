import { unitsFor } from '../calibration.js';
import { mustBe } from '../check.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond } from '../columns.js';
import type { PeerPool } from '../contenders/contender.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question, type Variant } from '../question.js';

/** How much of the machine do tasks get that compute? The ideal is the same work in bare children with one message each. */
export const cpu: Question = {
  name: 'cpu',
  title: 'CPU-bound tasks',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  variants: [computing(20, 100, 0.98), computing(1, 1_000, 0.92), computing(0.1, 8_000, 0.86)],
};

function computing(ms: number, count: number, ofIdeal: number): Variant {
  return {
    name: `${ms} ms`,
    rehearsals: 3,
    goals: [{ column: tasksPerSecond, bound: { atLeast: ofIdeal }, against: { name: 'bare workers' } }],
    tasks: () => count,
    answer: warmed({
      warmUp: spun,
      async ask(pool, { tasks }) {
        const units = unitsFor(ms);
        const args = numbers(tasks).map(() => units);
        const lap = await timed(() => pool.callAll('spin', args));
        mustBe(lap.value, tasks, (answer) => answer === lap.value[0]);
        return lap;
      },
    }),
  };
}

/** Gets `spin` compiled in every worker, whatever the size of the tasks that follow, and the path of a task on both sides. */
export async function spun(pool: PeerPool): Promise<unknown> {
  const units = unitsFor(1);
  const long = numbers(300).map(() => units);
  const short = numbers(5_000).map(() => 1);
  await pool.callAll('spin', long);
  return pool.callAll('spin', short);
}
