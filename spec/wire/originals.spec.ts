import { expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';

it('messages and marks are made with what tasks, and the program, have not replaced', async () => {
  const { code, stdout, stderr } = await run([program('replaces.js')]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').filter(Boolean)).toEqual([
    'Pool: {"wrapped":1}, 2, [[1],[2]], 0 died',
    'ThreadPool: {"wrapped":1}, 2, [[1],[2]], 0 died',
    'here: [[1],[2]]',
  ]);
});
