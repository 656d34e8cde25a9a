import { mustBe } from '../check.js';
import { cpuPerTask, masterCpuPerTask, peakMemory, tasksPerSecond } from '../columns.js';
import type { Contender } from '../contenders/contender.js';
import { timed } from '../lap.js';
import { numbers } from '../numbers.js';
import { warmed, type Goal, type Question, type Variant } from '../question.js';
import type { Person, TaskName } from '../tasks.js';

/** How dear is an item of a large map, with the chunks that a pool makes of itself? */
export const map: Question = {
  name: 'map',
  title: 'map of 1,000,000 items',
  columns: [tasksPerSecond, cpuPerTask, masterCpuPerTask, peakMemory],
  variants: [
    // A batch program maps once, a long-running one again and again.
    numbered('the first time', 0),
    numbered('again', 2),
    {
      name: 'strings',
      rehearsals: 2,
      goals: [timesPython(0.9)],
      tasks: items,
      answer: mapping(
        'shout',
        (i) => `item ${i}`,
        (answer, i) => answer === `ITEM ${i}`,
      ),
    },
    {
      name: 'objects',
      rehearsals: 2,
      goals: [timesPython(0.9)],
      tasks: items,
      answer: mapping('older', person, (answer, i) => (answer as Person).age === i + 1),
    },
  ],
};

function numbered(name: string, rehearsals: number): Variant {
  return {
    name: `numbers, ${name}`,
    rehearsals,
    goals: [
      timesPython(1.6),
      { column: tasksPerSecond, bound: { atLeast: 100 }, against: { kind: 'process' } },
      { column: peakMemory, bound: { atMost: 1.2 }, against: { name: 'Python Pool' } },
    ],
    tasks: items,
    answer: squares(),
  };
}

function timesPython(times: number): Goal {
  return { column: tasksPerSecond, bound: { atLeast: times }, against: { name: 'Python Pool' } };
}

/** Fewer for contenders that send each item alone: even these take seconds, and memory for a promise an item. */
export function items({ chunks }: Contender): number {
  return chunks ? 1_000_000 : 20_000;
}

export function squares(): Variant['answer'] {
  return mapping(
    'square',
    (i) => i,
    (answer, i) => answer === i * i,
  );
}

function mapping(
  task: TaskName,
  item: (i: number) => unknown,
  isRight: (answer: unknown, i: number) => boolean,
): Variant['answer'] {
  return warmed({
    warmUp: (pool, { workers }) => pool.map(task, numbers(1_000 * workers).map(item)),
    async ask(pool, { tasks }) {
      const all = numbers(tasks).map(item);
      const lap = await timed(() => pool.map(task, all));
      mustBe(lap.value, tasks, isRight);
      return lap;
    },
  });
}

/** `peers/python_pool.py` has the same. */
function person(i: number): Person {
  return { name: `person ${i}`, age: i };
}
