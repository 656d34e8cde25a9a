import { unitsFor } from '../calibration.js';
import { mustBe } from '../check.js';
import { masterCpuPerTask, tasksPerSecond, wall } from '../columns.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question, type Variant } from '../question.js';
import { spun } from './cpu.js';

const ITEMS = 20_000;
const LONG_ITEMS = 40;
const LONG_MS = 20;

/** Do all cores work to the end when a few items are long and the rest is nothing? */
export const skewed: Question = {
  name: 'skewed',
  title: `map of ${ITEMS.toLocaleString('en-US')} items, ${LONG_ITEMS} of which take ${LONG_MS} ms`,
  columns: [wall, tasksPerSecond, masterCpuPerTask],
  variants: [
    placed('at the tail', (i) => i >= ITEMS - LONG_ITEMS),
    placed('at the head', (i) => i < LONG_ITEMS),
    placed('scattered', (i) => i % (ITEMS / LONG_ITEMS) === ITEMS / LONG_ITEMS / 2),
  ],
};

function placed(name: string, isLong: (i: number) => boolean): Variant {
  return {
    name,
    rehearsals: 1,
    goals: [{ column: tasksPerSecond, bound: { atLeast: 0.9 }, against: { name: 'bare workers' } }],
    tasks: () => ITEMS,
    answer: warmed({
      async warmUp(pool) {
        await spun(pool);
        await pool.map(
          'spin',
          numbers(2_000).map(() => 1),
        );
      },
      async ask(pool, { tasks }) {
        const items = numbers(tasks).map((i) => (isLong(i) ? unitsFor(LONG_MS) : 1));
        const lap = await timed(() => pool.map('spin', items));
        const [aLongOne, aShortOne] = [true, false].map((is) => lap.value[items.findIndex((_, i) => isLong(i) === is)]);
        mustBe(lap.value, tasks, (answer, i) => answer === (isLong(i) ? aLongOne : aShortOne));
        return lap;
      },
    }),
  };
}
