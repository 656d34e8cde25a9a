import { describe, expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';
import { leavesNoChild, range } from '../helpers.js';

leavesNoChild();

const DOTS = '.'.repeat(80);

/** The lines of each task in the order in which they came. */
function linesByTask(text: string, letter: string): string[][] {
  const tasks: string[][] = [];
  for (const line of text.split('\n')) {
    const [mark, task] = line.split(' ');
    if (mark === letter) (tasks[Number(task)] ??= []).push(line);
  }
  return tasks;
}

const expectedLines = (letter: string, tasks: number, lines: number): string[][] =>
  range(tasks).map((task) => range(lines).map((line) => `${letter} ${task} ${line} ${DOTS}`));

describe('what workers write', () => {
  // 2000 lines are more than 64 KiB, which is what a pipe takes at once.
  it.each([
    ['children retired after every task', 'Pool', 'returns', 12, 200],
    ['a child that is alone', 'Pool', 'returns', 1, 2000],
    ['children retired, with more than a pipe takes', 'Pool', 'returns', 3, 2000],
    ['children that exit in their task', 'Pool', 'process.exit', 3, 2000],
    ['children that are killed', 'Pool', 'SIGKILL', 3, 2000],
    ['children that die of an uncaught error', 'Pool', 'an uncaught error', 3, 2000],
    ['threads retired after every task', 'ThreadPool', 'returns', 12, 200],
    ['a thread that is alone', 'ThreadPool', 'returns', 1, 2000],
    ['threads that exit in their task', 'ThreadPool', 'process.exit', 3, 2000],
    ['threads that die of an uncaught error', 'ThreadPool', 'an uncaught error', 3, 2000],
  ])('arrives whole and in order from %s', async (_, kind, how, tasks, lines) => {
    const { stdout, stderr, code } = await run([program('many-prints.js'), kind, how, String(tasks), String(lines)]);
    expect(code).toBe(0);
    expect(linesByTask(stdout, 'o')).toEqual(expectedLines('o', tasks, lines));
    // What workers write at the same time meets in the master's stderr by pieces, not by lines.
    expect(countOf(stderr, 'e')).toBe(tasks * lines);
    if (tasks === 1) expect(linesByTask(stderr, 'e')).toEqual(expectedLines('e', tasks, lines));
  });

  // The first word of a Node process makes a pipe that it writes to non-blocking, for all who share it.
  it('arrives whole from a child that dies when the master has written to the same pipe', async () => {
    const { stdout, stderr } = await run([program('shares-stdout.js')]);
    expect(stderr).toBe('WorkerLostError\n');
    expect(stdout.split('\n').map((line) => line.length)).toEqual([19, 19, 1 << 24, 0]);
  });
});

/** Lines that begin so anywhere: a line of another worker may have been cut in two before it. */
function countOf(text: string, letter: string): number {
  return text.match(new RegExp(String.raw`${letter} \d+ \d+ \.`, 'g'))?.length ?? 0;
}
