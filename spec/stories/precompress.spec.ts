import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { run } from '../fixtures/run-program.js';
import { leavesNoChild, where } from '../helpers.js';

leavesNoChild();

const PROGRAM = fileURLToPath(new URL('../../dist/examples/precompress.js', import.meta.url));
const hasXargs = spawnSync('xargs', ['--version']).status === 0;

where(hasXargs, 'there is no xargs').describe('examples/precompress', () => {
  it('compresses the same files in a loop, with xargs and with forkpool map', async () => {
    const { code, stdout, stderr } = await run([PROGRAM, '12', '2']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^12 items in .*, 0 failed\n/)]);
    const rows = [...stdout.matchAll(/^(\S.*?) +[\d.]+ s +[\d.]+x +(12 files, .* kB)$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(['plain loop', 'xargs -P 2 -n 1', 'forkpool map -p 2']);
    expect(new Set(rows.map(([, , saved]) => saved)).size).toBe(1);
    expect(stdout).toContain('All three wrote the same files.');
  });
});
