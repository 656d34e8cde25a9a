import { cpuMs, figure, peakMemory } from '../columns.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import type { Question, Variant } from '../question.js';

const firstResult = figure('ms to the first result', 'firstMs', 'less');

/**
 * From a new pool to the first result of a task, as many tasks submitted as there are workers. Modules are loaded before;
 * CPU is that of master and workers until all have answered, and a while longer, for those that were not asked.
 */
export const startup: Question = {
  name: 'startup',
  title: 'first result of a new pool',
  columns: [firstResult, cpuMs, peakMemory],
  turns: 3,
  variants: [starting(1, 1.15), starting(2, 1.25)],
};

function starting(workers: number, times: number): Variant {
  return {
    name: workers === 1 ? '1 worker' : `${workers} workers`,
    workers,
    goals: [firstResult, cpuMs].map((column) => ({
      column,
      bound: { atMost: times },
      against: { name: 'bare forks' },
    })),
    tasks: () => workers,
    async answer(seat) {
      const lap = await timed(async () => {
        const start = performance.now();
        const pool = await seat.open();
        const answers = numbers(seat.tasks).map((n) => Promise.resolve(pool.call('echo', n)));
        await Promise.race(answers);
        const firstMs = performance.now() - start;
        await Promise.all(answers);
        return firstMs;
      }, 250);
      return { ...lap, figures: { firstMs: lap.value } };
    },
  };
}
