import { percentOfIdeal, cpuPerTask, masterCpuPerTask, tasksPerSecond } from '../columns.js';
import type { Contender } from '../contenders/contender.js';
import { mustBe } from '../check.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question } from '../question.js';

const CONCURRENCY = 16;
const WAIT_MS = 50;

/** Do tasks that wait, wait together? The ideal can be computed: every worker has `CONCURRENCY` under way, all the time. */
export const io: Question = {
  name: 'io',
  title: `tasks that wait ${WAIT_MS} ms, ${CONCURRENCY} at once in a worker`,
  columns: [percentOfIdeal, tasksPerSecond, cpuPerTask, masterCpuPerTask],
  variants: [
    {
      name: '',
      goals: [{ column: percentOfIdeal, bound: { atLeast: 90 } }],
      // As many for each worker. Fewer for contenders that run them one at a time: two workers would take 24 s for 960.
      tasks: ({ concurrent }: Contender) => (concurrent ? 960 : 60),
      answer: warmed({
        opening: { concurrency: CONCURRENCY },
        warmUp: (pool) =>
          pool.callAll(
            'wait',
            numbers(64).map(() => 1),
          ),
        async ask(pool, { tasks, workers }) {
          const lap = await timed(() =>
            pool.callAll(
              'wait',
              numbers(tasks).map(() => WAIT_MS),
            ),
          );
          mustBe(lap.value, tasks, () => true);
          return { ...lap, figures: { idealMs: (tasks * WAIT_MS) / (workers * CONCURRENCY) } };
        },
      }),
    },
  ],
};
