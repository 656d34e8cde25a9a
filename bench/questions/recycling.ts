import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { unitsFor } from '../calibration.js';
import { mustBe } from '../check.js';
import { cpuUs, figure, wall, type Column } from '../columns.js';
import { bareFork } from '../contenders/bare-forks.js';
import { ended } from '../contenders/bare-workers.js';
import { timed, type Lap } from '../lap.js';
import { numbers } from '../numbers.js';
import type { Question, Seat, Variant } from '../question.js';
import { percentile } from '../statistics.js';
import { spun } from './cpu.js';

const TASKS_PER_CHILD = 100;
const cores = availableParallelism();

const timesPlain = figure('times no recycling', 'timesPlain', 'less');
const timesFloor = figure('times that and the boots', 'timesFloor', 'less');

/**
 * What does it cost to replace a worker every hundred tasks of a millisecond? Asked of one master with recycling and
 * without. When all cores are busy, the CPU time of the boots has to come from somewhere: the floor is the time without
 * recycling, and boots x CPU time of a bare fork / cores.
 */
export const recycling: Question = {
  name: 'recycling',
  title: `1 ms tasks, a worker replaced after every ${TASKS_PER_CHILD}`,
  columns: [wall, figure('without', 'plainMs'), figure('ms a bare boot', 'bootMs'), timesPlain, timesFloor],
  variants: [
    replacing('cores busy', cores, timesFloor),
    replacing('one core free', Math.max(1, cores - 1), timesPlain),
  ],
};

function replacing(name: string, workers: number, column: Column): Variant {
  return {
    name,
    workers,
    goals: [{ column, bound: { atMost: 1.08 } }],
    asks: ({ recycles }) => recycles === true,
    tasks: () => 1_000 * workers,
    async answer(seat) {
      const bootMs = await bareBootMs();
      const { wallMs: plainMs } = await computed(seat, {});
      const lap = await computed(seat, { maxtasksperchild: TASKS_PER_CHILD });
      const floorMs = plainMs + ((seat.tasks / TASKS_PER_CHILD) * bootMs) / cores;
      const figures = { plainMs, bootMs, timesPlain: lap.wallMs / plainMs, timesFloor: lap.wallMs / floorMs };
      return { ...lap, figures };
    },
  };
}

async function computed(seat: Seat, opening: { maxtasksperchild?: number }): Promise<Lap> {
  const pool = await seat.open(opening);
  await pool.ready?.();
  await spun(pool);
  const units = unitsFor(1);
  const lap = await timed(() =>
    pool.callAll(
      'spin',
      numbers(seat.tasks).map(() => units),
    ),
  );
  mustBe(lap.value, seat.tasks, (answer) => answer === lap.value[0]);
  await pool.close();
  return lap;
}

/** CPU time that it takes to start a child that does nothing, master's part included: the median of some. */
async function bareBootMs(): Promise<number> {
  const ms: number[] = [];
  for (let i = 0; i < 5; i++) {
    const lap = await timed(async () => {
      const child = bareFork();
      await once(child, 'message');
      return child;
    });
    ms.push((cpuUs(lap) ?? lap.wallMs * 1000) / 1000);
    await ended([lap.value]);
  }
  return percentile(
    ms.toSorted((a, b) => a - b),
    50,
  );
}
