import { mustBe } from '../check.js';
import { bandwidth, cpuPerMebibyte, masterCpuPerTask, peakMemory } from '../columns.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question, type Variant } from '../question.js';

const MEBIBYTE = 2 ** 20;

/** How dear is it to carry large data? */
export const buffers: Question = {
  name: 'buffers',
  title: 'buffers there and back',
  columns: [bandwidth, cpuPerMebibyte, masterCpuPerTask, peakMemory],
  variants: [carrying(1, 128, 1.8), carrying(16, 12, 2.4)],
};

function carrying(mebibytes: number, count: number, times: number): Variant {
  return {
    name: `${mebibytes} MiB`,
    rehearsals: 3,
    goals: [{ column: bandwidth, bound: { atLeast: times }, against: { kind: 'process' } }],
    tasks: () => count,
    answer: echoes(mebibytes * MEBIBYTE),
  };
}

/** Each task has its own buffer: of a shared one, tasks that travel together would carry one copy. */
export function echoes(bytes: number): Variant['answer'] {
  return warmed({
    opening: { carrying: 'buffers' },
    warmUp: (pool, { tasks }) => pool.callAll('echo', filled(bytes, Math.max(2, Math.ceil(tasks / 8)))),
    async ask(pool, { tasks }) {
      const all = filled(bytes, tasks);
      const lap = await timed(() => pool.callAll('echo', all));
      mustBe(lap.value, tasks, (answer, i) => answer instanceof Uint8Array && all[i]?.equals(answer) === true);
      return { ...lap, figures: { bytes } };
    },
  });
}

function filled(bytes: number, n: number): Buffer[] {
  return numbers(n).map((i) => Buffer.alloc(bytes, (i % 255) + 1));
}
