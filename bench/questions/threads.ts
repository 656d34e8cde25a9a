import { mustBe } from '../check.js';
import { bandwidth, cpuPerTask, figure, masterCpuPerTask, peakMemory, tasksPerSecond } from '../columns.js';
import type { PeerPool } from '../contenders/contender.js';
import { sum, timed, type Lap } from '../lap.js';
import type { Bytes } from '../moving.js';
import { numbers } from '../numbers.js';
import { warmed, type Measured, type Question } from '../question.js';
import { noops } from './burst.js';
import { items, squares } from './map.js';

const MEBIBYTE = 2 ** 20;
const timesClone = figure('times a clone', 'timesClone', 'more');

/** Which of the above can pools of threads do, and what can only they do? */
export const threads: Question = {
  name: 'threads',
  title: 'pools of threads',
  of: 'threads',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory, bandwidth, timesClone],
  variants: [
    {
      name: 'burst',
      rehearsals: 4,
      goals: [{ column: tasksPerSecond, bound: { atLeast: 8 }, against: { kind: 'thread' } }],
      tasks: () => 20_000,
      answer: noops(),
    },
    {
      name: 'map',
      rehearsals: 2,
      goals: [{ column: tasksPerSecond, bound: { atLeast: 0.6 }, against: { name: 'Python ThreadPool' } }],
      // The contender without a pool has no map in chunks.
      asks: ({ noPool }) => noPool !== true,
      tasks: items,
      answer: squares(),
    },
    {
      name: 'transfer of 1 MiB',
      rehearsals: 1,
      goals: [{ column: timesClone, bound: { atLeast: 15 } }],
      // Of the others, some can move an argument; what comes back is a copy unless the task knows that peer.
      asks: ({ kind, noPool }) => kind === 'forkpool-thread' || noPool === true,
      tasks: () => 256,
      answer: warmed({
        warmUp: (pool) => movedAndCloned(pool, 32),
        ask: (pool, { tasks }) => movedAndCloned(pool, tasks),
      }),
    },
  ],
};

/** Measures both in turns, since the garbage of the one is collected in the time of the other. */
async function movedAndCloned(pool: PeerPool, n: number): Promise<Measured> {
  const turns = 4;
  const clones: Lap[] = [];
  const moves: Lap[] = [];
  for (let turn = 0; turn < turns; turn++) {
    clones.push(await cloned(pool, mebibytes(n / turns)));
    moves.push(await moved(pool, mebibytes(n / turns)));
  }
  const lap = sum(moves);
  return { ...lap, figures: { bytes: MEBIBYTE, timesClone: sum(clones).wallMs / lap.wallMs } };
}

async function cloned(pool: PeerPool, buffers: readonly Bytes[]): Promise<Lap> {
  const lap = await timed(() => pool.callAll('echo', buffers));
  mustBe(lap.value, buffers.length, isWhole);
  return lap;
}

async function moved(pool: PeerPool, buffers: readonly Bytes[]): Promise<Lap> {
  const lap = await timed(async () => (await pool.moveAll?.(buffers)) ?? []);
  mustBe(lap.value, buffers.length, isWhole);
  if (buffers.some(({ byteLength }) => byteLength > 0)) throw new Error('A buffer was copied that was to be moved');
  return lap;
}

function mebibytes(n: number): Bytes[] {
  return numbers(n).map(() => new Uint8Array(MEBIBYTE).fill(7));
}

function isWhole(answer: unknown): boolean {
  return answer instanceof Uint8Array && answer.length === MEBIBYTE && answer[MEBIBYTE - 1] === 7;
}
