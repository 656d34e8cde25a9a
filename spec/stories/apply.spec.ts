import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leavesNoChild } from '../helpers.js';
import { Program } from './helpers.js';

leavesNoChild();

describe('examples/apply', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.start('apply');
    await program.ended();
  }, 60_000);
  afterAll(() => program.remove());

  /** A line of what it prints: what was called, what that gave, and after how many ms. */
  function line(what: string): { gave: string; ms: number } {
    const text = program.stdout.split('\n').find((each) => each.trimStart().startsWith(`${what}  `)) ?? '';
    const [, gave = '', ms = ''] = /^ *\S.*?  +(\S.*?)  +after (\d+) ms$/.exec(text) ?? [];
    return { gave, ms: Number(ms) };
  }

  it('ends with 0 and has nothing to complain of', () => {
    expect(program.stderr).toBe('');
    expect(program.exitCode).toBe(0);
  });

  it('has a pool of ten children', () => {
    expect(program.stdout).toMatch(/^10 children are ready after \d+ ms/);
  });

  it('gets 100 from apply after three seconds', () => {
    const { gave, ms } = line('apply(square, [10])');
    expect(gave).toBe('100');
    expectThreeSeconds(ms);
  });

  it('gets an AsyncResult from applyAsync at once', () => {
    const { gave, ms } = line('applyAsync(square, [10])');
    expect(gave).toBe('an AsyncResult, ready: false');
    expect(ms).toBeLessThan(500);
  });

  it('gets 100 from get(4000) after three seconds', () => {
    const { gave, ms } = line('get(4000)');
    expect(gave).toBe('100');
    expectThreeSeconds(ms);
  });

  it('is called back in the master with 100 after three seconds', () => {
    const { gave, ms } = line('callback in the master');
    expect(gave).toBe('100');
    expectThreeSeconds(ms);
  });

  it('gets a TimeoutError from get(500), and the result later, since the task goes on', () => {
    const short = line('get(500)');
    expect(short.gave).toMatch(/^TimeoutError: /);
    expect(short.ms).toBeGreaterThanOrEqual(495);
    expect(short.ms).toBeLessThan(2000);
    const later = line('get()');
    expect(later.gave).toBe('100');
    expectThreeSeconds(later.ms);
  });

  it('leaves no process and no file behind', async () => {
    expect(await program.leftovers()).toEqual([]);
  });
});

/** The three seconds of the task, and what a busy machine may add. */
function expectThreeSeconds(ms: number): void {
  expect(ms).toBeGreaterThanOrEqual(2995);
  expect(ms).toBeLessThan(6000);
}
