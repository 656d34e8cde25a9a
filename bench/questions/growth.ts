import { cpuPerMebibyte, cpuPerTask, peakMemory, wallPerTask, type Column } from '../columns.js';
import type { Question, Variant } from '../question.js';
import { echoes } from './buffers.js';
import { noops } from './burst.js';

/** At the far end a task may cost this many times what it costs before: a quadratic cost would be hundreds of times as high. */
const FLAT = 1.5;

const MEBIBYTE = 2 ** 20;

/** Does a task cost the same however many workers, tasks and data there are? Asked of ours, and of no pool at the ends. */
export const growth: Question = {
  name: 'growth',
  title: 'cost of a task',
  columns: [wallPerTask, cpuPerTask, cpuPerMebibyte, peakMemory],
  variants: [
    ...series('workers', [1, 2, 4, 8, 16, 64], { column: cpuPerTask, from: 2 }, (workers) => ({
      workers,
      // So that each worker has done as many before: each pays once for what its code costs at first. With 2, as often as with
      // 64: the two are compared, and their masters should be equally warm.
      rehearsals: Math.ceil((workers === 2 ? 64 : workers) / 2),
      tasks: () => 100_000,
      answer: noops(),
    })),
    ...series('tasks', [1e2, 1e3, 1e4, 1e5, 1e6], { column: cpuPerTask, from: 1e4 }, (tasks) => ({
      // So that all have done as many before.
      rehearsals: Math.ceil(1e5 / tasks) - 1,
      tasks: () => tasks,
      answer: noops(),
    })),
    // For large data, the cost is that of a byte.
    ...series(
      'data',
      [10, 1e2, 1e3, 1e4, 1e5, MEBIBYTE, 8 * MEBIBYTE, 64 * MEBIBYTE],
      {
        column: cpuPerMebibyte,
        from: MEBIBYTE,
      },
      (bytes) => ({ rehearsals: 1, tasks: () => tasksOf(bytes), answer: echoes(bytes) }),
    ),
  ],
};

/** Where a series is flat: its last size is compared with the one at `from`. */
interface Flat {
  readonly column: Column;
  readonly from: number;
}

type Way = Pick<Variant, 'workers' | 'rehearsals' | 'tasks' | 'answer'>;

function series(what: string, sizes: readonly number[], { column, from }: Flat, way: (size: number) => Way): Variant[] {
  // Without a pool, data is carried by another contender than tasks are.
  const noPool = what === 'data' ? 'bare pipes' : 'bare batches';
  const named = (size: number): string => `${what} ${what === 'data' ? inBytes(size) : size.toLocaleString('en-US')}`;
  return sizes.map((size) => ({
    ...sized(size, way(size)),
    name: named(size),
    goals: size === sizes.at(-1) ? [{ column, bound: { atMost: FLAT }, against: { variant: named(from) } }] : [],
    asks: ({ kind, name }) =>
      kind.startsWith('forkpool') || (name === noPool && (size === from || size === sizes.at(-1))),
  }));
}

/** Its size goes into the sample, for the plot. */
function sized(size: number, way: Way): Way {
  return {
    ...way,
    async answer(seat) {
      const measured = await way.answer(seat);
      return { ...measured, figures: { ...measured.figures, size } };
    },
  };
}

function inBytes(size: number): string {
  return size < MEBIBYTE ? `${size.toLocaleString('en-US')} B` : `${size / MEBIBYTE} MiB`;
}

/** As many as make 256 MiB, within reason. */
function tasksOf(bytes: number): number {
  return Math.min(10_000, Math.max(4, Math.floor((256 * MEBIBYTE) / bytes)));
}
