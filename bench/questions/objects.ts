import { isDeepStrictEqual } from 'node:util';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond } from '../columns.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Question } from '../question.js';

/** How dear is it to carry a small record there and back, when many wait? */
export const objects: Question = {
  name: 'objects',
  title: '20,000 objects of 200 bytes there and back',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  variants: [
    {
      name: '',
      goals: [
        { column: tasksPerSecond, bound: { atLeast: 3 }, against: { kind: 'process' } },
        { column: tasksPerSecond, bound: { atLeast: 6 }, against: { kind: 'python' } },
      ],
      rehearsals: 4,
      tasks: () => 20_000,
      answer: warmed({
        warmUp: (pool) => pool.callAll('echo', numbers(2_000).map(record)),
        async ask(pool, { tasks }) {
          const args = numbers(tasks).map(record);
          const lap = await timed(() => pool.callAll('echo', args));
          if (!isDeepStrictEqual(lap.value, args))
            throw new Error('The objects that came back are not those that went');
          return lap;
        },
      }),
    },
  ],
};

/** 200 bytes as JSON, give or take the digits; the same in `peers/python_pool.py`. */
function record(i: number): object {
  return {
    id: i,
    name: `user number ${i}`,
    email: `user.${i}@mail.example.org`,
    active: i % 2 === 0,
    score: i / 7,
    tags: ['alpha', 'beta', 'gamma'],
    address: { street: '12 Long Street', city: 'Anytown', zip: '12345' },
  };
}
