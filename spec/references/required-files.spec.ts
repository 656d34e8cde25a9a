import { expect, it } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import { program, run } from '../fixtures/run-program.js';
import { temporaryFiles } from '../helpers.js';

const file = temporaryFiles();

// In a program of its own: jest has another `require`.
it('a function of CommonJS is found without a list of all scripts, where it is in the main script or is exported', async () => {
  const [main, twin] = [program('asks-inspector.cjs'), file('twin.cjs')];
  copyFileSync(main, twin);
  const { stdout, stderr } = await run(['--no-warnings', main, twin]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([
    ['source', 'asks-inspector.cjs', null, false],
    ['export', 'asks-inspector.cjs', 'default.here', false],
    ['export', 'twin.cjs', 'default.here', false],
    ['export', 'several.cjs', 'default.first', false],
    ['export', 'methods.cjs', 'default.counter.add', true],
  ]);
});
