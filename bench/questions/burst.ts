import { mustBe } from '../check.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond } from '../columns.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question, type Variant } from '../question.js';

const TASKS = 20_000;

/** How dear is a task whose work is nothing, when many wait? */
export const burst: Question = {
  name: 'burst',
  title: `${TASKS.toLocaleString('en-US')} no-op tasks at once`,
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  // A program meets them once before all is compiled, and then again and again.
  variants: [asked('the first time', 0), asked('again', 4)],
};

function asked(name: string, rehearsals: number): Variant {
  return {
    name,
    rehearsals,
    goals: [
      { column: tasksPerSecond, bound: { atLeast: 7 }, against: { kind: 'process' } },
      { column: tasksPerSecond, bound: { atLeast: 10 }, against: { name: 'Python Pool' } },
      { column: cpuPerTask, bound: { atMost: 0.2 }, against: { kind: 'process' } },
      { column: peakMemory, bound: { atMost: 90 } },
    ],
    tasks: () => TASKS,
    answer: noops(),
  };
}

/** As many no-ops as there are tasks, submitted at once. */
export function noops(): Variant['answer'] {
  return warmed({
    warmUp: (pool, { workers }) => pool.callAll('noop', numbers(1_000 * workers)),
    async ask(pool, { tasks: n }) {
      const args = numbers(n);
      const lap = await timed(() => pool.callAll('noop', args));
      // Nothing comes back as undefined, null or not at all, depending on the peer.
      mustBe(lap.value, n, () => true);
      return lap;
    },
  });
}
