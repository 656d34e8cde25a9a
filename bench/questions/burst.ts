import { timed } from '../lap.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond, type Question } from '../question.js';

/** How dear is a task whose work is nothing, when many wait? */
export const burst: Question = {
  name: 'burst',
  title: 'no-op tasks, all submitted at once',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  goals: [
    { column: tasksPerSecond, against: { kind: 'process' }, times: 7 },
    { column: tasksPerSecond, against: { kind: 'python' }, times: 10 },
    { column: cpuPerTask, against: { kind: 'process' }, times: 5 },
    { column: tasksPerSecond, against: { kind: 'thread' }, times: 8 },
  ],
  tasks: () => 20_000,
  async warmUp(pool) {
    await pool.callAll('noop', numbers(2_000));
  },
  async ask(pool, tasks) {
    const args = numbers(tasks);
    const lap = await timed(() => pool.callAll('noop', args));
    if (lap.value.length !== tasks) throw new Error(`Expected ${tasks} answers, got ${lap.value.length}`);
    return lap;
  },
};

function numbers(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
