import { cpuPerTask, figure, masterCpuPerTask } from '../columns.js';
import type { PeerPool } from '../contenders/contender.js';
import { timed } from '../lap.js';
import { warmed, type Question } from '../question.js';
import { percentile } from '../statistics.js';

const CALLS = 5_000;

/**
 * How long does one call take when nothing else waits? On one core, since waking the other, halted one costs several times more
 * than all else: unpinned, a bare ping-pong was 17 or 87 µs (and 34 or 86 µs of CPU), as the scheduler chose; pinned, 15 to 17
 * (28 to 33).
 */
export const roundTrip: Question = {
  name: 'round-trip',
  title: 'one call at a time, all on one core',
  columns: [figure('p50 µs', 'p50Us', 'less'), figure('p99 µs', 'p99Us', 'less'), cpuPerTask, masterCpuPerTask],
  pinned: true,
  variants: [
    {
      name: '',
      rehearsals: 2,
      goals: [{ column: cpuPerTask, bound: { atMost: 1.4 }, against: { name: 'bare send (json)' } }],
      tasks: () => CALLS,
      answer: warmed({
        warmUp: (pool) => latencies(pool, 1_000),
        async ask(pool, { tasks }) {
          const lap = await timed(() => latencies(pool, tasks));
          const ascending = Array.from(lap.value.toSorted());
          return { ...lap, figures: { p50Us: percentile(ascending, 50), p99Us: percentile(ascending, 99) } };
        },
      }),
    },
  ],
};

async function latencies(pool: PeerPool, n: number): Promise<Float64Array> {
  const us = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const start = performance.now();
    const answer = await pool.call('echo', i);
    us[i] = (performance.now() - start) * 1000;
    if (answer !== i) throw new Error(`Expected ${i} back, got ${String(answer)}`);
  }
  return us;
}
