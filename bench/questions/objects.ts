import { isDeepStrictEqual } from 'node:util';

import { timed } from '../lap.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond, type Question } from '../question.js';

/** How dear is it to carry a small record there and back, when many wait? */
export const objects: Question = {
  name: 'objects',
  title: 'objects of 200 bytes there and back, all submitted at once',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  goals: [
    { column: tasksPerSecond, against: { kind: 'process' }, times: 3 },
    { column: tasksPerSecond, against: { kind: 'python' }, times: 6 },
  ],
  tasks: () => 20_000,
  async warmUp(pool) {
    await pool.callAll('echo', records(2_000));
  },
  async ask(pool, tasks) {
    const args = records(tasks);
    const lap = await timed(() => pool.callAll('echo', args));
    if (!isDeepStrictEqual(lap.value, args)) throw new Error('The objects that came back are not those that went');
    return lap;
  },
};

/** 200 bytes as JSON, give or take the digits; the same in `peers/python_pool.py`. */
function records(n: number): object[] {
  return Array.from({ length: n }, (_, i) => ({
    id: i,
    name: `user number ${i}`,
    email: `user.${i}@mail.example.org`,
    active: i % 2 === 0,
    score: i / 7,
    tags: ['alpha', 'beta', 'gamma'],
    address: { street: '12 Long Street', city: 'Anytown', zip: '12345' },
  }));
}
