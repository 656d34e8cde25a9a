import { expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';

// In a program of its own: jest has another `require`.
it('a function of CommonJS is found without a list of all scripts, where it is in the main script or is exported', async () => {
  const { stdout, stderr } = await run([program('asks-inspector.cjs')]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([
    ['source', 'asks-inspector.cjs', null, false],
    ['export', 'several.cjs', 'default.first', false],
    ['export', 'methods.cjs', 'default.counter.add', true],
  ]);
});
