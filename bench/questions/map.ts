import { timed } from '../lap.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond, type Question } from '../question.js';

/** How dear is an item of a large map, with the chunks that a pool makes of itself? */
export const map: Question = {
  name: 'map',
  title: 'map of numbers to their squares, chunks as the pool chooses (one call an item where it has none)',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  goals: [
    { column: tasksPerSecond, against: { kind: 'python' }, times: 1.6 },
    { column: tasksPerSecond, against: { kind: 'process' }, times: 100 },
    { column: tasksPerSecond, against: { name: 'Python ThreadPool' }, times: 0.6 },
  ],
  // A tenth for those that send each item alone: they take seconds for it, and memory for a promise an item.
  tasks: ({ chunks }) => (chunks ? 1_000_000 : 100_000),
  async warmUp(pool) {
    await pool.map('square', numbers(2_000));
  },
  async ask(pool, tasks) {
    const items = numbers(tasks);
    const lap = await timed(() => pool.map('square', items));
    checkSquares(lap.value, tasks);
    return lap;
  },
};

function numbers(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function checkSquares(answers: readonly unknown[], n: number): void {
  if (answers.length !== n) throw new Error(`Expected ${n} answers, got ${answers.length}`);
  const wrong = answers.findIndex((answer, i) => answer !== i * i);
  if (wrong >= 0) throw new Error(`Expected ${wrong * wrong} for item ${wrong}, got ${String(answers[wrong])}`);
}
