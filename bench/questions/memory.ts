import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../columns.js';
import { isOfThreads } from '../contenders/contender.js';
import { timed } from '../lap.js';
import { memoryOf } from '../memory.js';
import { numbers } from '../numbers.js';
import { warmed, type Question } from '../question.js';

const resident = figure('child RSS MiB', 'rssMiB', 'less');
/** What it shares with others is divided among them: what one more child really takes. */
const proportional = figure('child PSS MiB', 'pssMiB', 'less');

/** How large is a child that has run a hundred small tasks and has been idle for a second? */
export const memory: Question = {
  name: 'memory',
  title: 'an idle child',
  columns: [resident, proportional],
  variants: [
    {
      name: '',
      goals: [resident, proportional].map((column) => ({
        column,
        bound: { atMost: 1.05 },
        against: { kind: 'process' as const },
      })),
      asks: (contender) => !isOfThreads(contender),
      tasks: () => 200,
      answer: warmed({
        warmUp: async () => {},
        async ask(pool, { tasks }) {
          const lap = await timed(() => pool.callAll('pid', numbers(tasks)));
          await sleep(1_000);
          return { ...lap, figures: memoryOf(new Set(lap.value as number[])) };
        },
      }),
    },
  ],
};
