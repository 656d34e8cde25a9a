import { describe, expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';

describe('what a worker writes', () => {
  it.each(['plain', 'corked'])('is out before it exits: %s', async (how) => {
    const { stdout, stderr, code } = await run([program('writes-much.js'), how]);
    expect([code, stdout.length, stderr.length]).toEqual([0, 1 << 20, 1 << 20]);
    expect([/^o+\n$/.test(stdout), /^e+\n$/.test(stderr)]).toEqual([true, true]);
  });
});
