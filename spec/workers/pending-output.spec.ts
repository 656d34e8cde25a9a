import { expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';

const lines = (name: string): string => [1, 2, 3].map((line) => `${name} ${line}\n`).join('');

// Several at once, since a busy machine shows what is missing.
it('what a thread has printed comes whole where the program ends by itself with the outcome', async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, () => run([program('thread-prints.js')])));
  for (const { stdout, stderr, code } of runs) expect([stdout, stderr, code]).toEqual([lines('out'), lines('err'), 0]);
});

it('a thread that goes on computing after its outcome holds the program for no more than a second or so', async () => {
  const { stdout, code } = await run([program('thread-prints.js'), 'goes on']);
  expect([stdout.split('\n')[0], code]).toEqual(['out 1', 0]);
});
