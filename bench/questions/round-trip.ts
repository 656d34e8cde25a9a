import type { PeerPool } from '../contenders/contender.js';
import { timed } from '../lap.js';
import { cpuPerTask, masterCpuPerTask, p50, p99, type Question } from '../question.js';
import { percentile } from '../statistics.js';

/**
 * How long does one call take when nothing else waits? On one core, since to wake the other, halted one costs several
 * times more than all else: unpinned, a bare ping-pong was 17 or 87 µs (and 34 or 86 µs of CPU), as the scheduler chose;
 * pinned, 15 to 17 (28 to 33).
 */
export const roundTrip: Question = {
  name: 'round-trip',
  title: 'one call at a time, master and workers on one core',
  columns: [p50, p99, cpuPerTask, masterCpuPerTask],
  goals: [{ column: cpuPerTask, against: { name: 'bare send (json)' }, times: 1 / 1.4 }],
  pinned: true,
  tasks: () => 5_000,
  async warmUp(pool) {
    await latencies(pool, 1_000);
  },
  async ask(pool, tasks) {
    const lap = await timed(() => latencies(pool, tasks));
    const ascending = Array.from(lap.value.toSorted());
    return { ...lap, latency: { p50Us: percentile(ascending, 50), p99Us: percentile(ascending, 99) } };
  },
};

async function latencies(pool: PeerPool, calls: number): Promise<Float64Array> {
  const us = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    const answer = await pool.call('echo', i);
    us[i] = (performance.now() - start) * 1000;
    if (answer !== i) throw new Error(`Expected ${i} back, got ${String(answer)}`);
  }
  return us;
}
