import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { leavesNoChild } from '../helpers.js';
import { built, Program } from './helpers.js';

leavesNoChild();

let made: string | undefined;
let program: Program | undefined;
afterEach(async () => {
  await program?.remove();
  if (made !== undefined) rmSync(built(made));
});

/** Runs an example in which another class is imported as `Pool`, and nothing else is changed. */
async function runWith(kind: string, example: string, args: readonly string[] = []): Promise<Program> {
  made = `${example}.${kind}`;
  const text = readFileSync(built(example), 'utf8');
  const changed = text.replace(
    /^import \{(.*)\bPool\b(.*)\} from 'forkpool';$/m,
    `import {$1${kind} as Pool$2} from 'forkpool';`,
  );
  expect(changed).not.toBe(text);
  writeFileSync(built(made), changed);
  program = await Program.run(made, { args });
  return program;
}

describe.each(['ThreadPool', 'AsyncPool'])('%s in place of Pool', (kind) => {
  it('changes nothing in examples/apply', async () => {
    const { stdout, stderr, exitCode } = await runWith(kind, 'apply');
    expect([stderr, exitCode]).toEqual(['', 0]);
    const said = stdout.replaceAll(/ *after \d+ ms/g, '').replaceAll(/ {2,}/g, '  ');
    expect(said.split('\n').slice(2, -1)).toEqual([
      'apply(square, [10])  100',
      'applyAsync(square, [10])  an AsyncResult, ready: false',
      '  get(4000)  100',
      'applyAsync(square, [10], { callback })  an AsyncResult, ready: false',
      '  get(500)  TimeoutError: Not ready within 500 ms',
      '  callback in the master  100',
      '  get()  100',
    ]);
  }, 60_000);

  it('leaves all that examples/requests checks true', async () => {
    const { stdout, exitCode } = await runWith(kind, 'requests', ['1200', '1500']);
    const checks = stdout.split('\n').filter((line) => /^[✓✗]/.test(line));
    expect(checks.filter((line) => !line.startsWith('✓ '))).toEqual([]);
    expect(checks.length).toBeGreaterThan(4);
    expect(exitCode).toBe(0);
  }, 60_000);
});
