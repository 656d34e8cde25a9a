import { expect, it } from '@jest/globals';
import { program, run } from '../../fixtures/run-program.js';

it('the time limit of a start, or of a leave, begins anew where the program itself has held it up', async () => {
  const { code, stdout, stderr } = await run([program('blocks-its-loop.js')]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').filter(Boolean)).toEqual([
    'Pool: 1, 0 late',
    'ThreadPool: 1, 0 late',
    'AsyncPool: 1, 0 late',
    'renewed: 1 at once, 0 left',
    'AbortError',
    'the task was told',
    'closed: 0 left',
  ]);
});
