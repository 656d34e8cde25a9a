import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { leavesNoChild } from '../helpers.js';
import { built, Program } from './helpers.js';

leavesNoChild();

const KINDS = ['ThreadPool', 'AsyncPool'];

const made = new Set<string>();
const programs = new Set<Program>();
afterEach(async () => {
  for (const program of programs) await program.remove();
  for (const name of made) rmSync(built(name));
  programs.clear();
  made.clear();
});

/** Runs an example in which another class is imported as `Pool`, and nothing else is changed. */
async function runWith(kind: string, example: string, args: readonly string[] = []): Promise<Program> {
  const name = `${example}.${kind}`;
  const text = readFileSync(built(example), 'utf8');
  const changed = text.replace(
    /^import \{(.*)\bPool\b(.*)\} from 'forkpool';$/m,
    `import {$1${kind} as Pool$2} from 'forkpool';`,
  );
  expect(changed).not.toBe(text);
  writeFileSync(built(name), changed);
  made.add(name);
  const program = await Program.start(name, { args });
  programs.add(program);
  await program.ended();
  return program;
}

describe('ThreadPool or AsyncPool in place of Pool', () => {
  // It waits, and does nothing else: both at once.
  it('changes nothing in examples/apply', async () => {
    for (const { stdout, stderr, exitCode } of await Promise.all(KINDS.map((kind) => runWith(kind, 'apply')))) {
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
    }
  }, 60_000);

  it.each(KINDS)(
    'leaves all that examples/requests checks true: %s',
    async (kind) => {
      const { stdout, stderr, exitCode } = await runWith(kind, 'requests', ['800', '2000']);
      // With AsyncPool, pg warns of queries that are sent over one connection together.
      expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
      const checks = stdout.split('\n').filter((line) => /^[✓✗]/.test(line));
      expect(checks.filter((line) => !line.startsWith('✓ '))).toEqual([]);
      expect(checks.length).toBeGreaterThan(4);
      expect(exitCode).toBe(0);
    },
    180_000,
  );
});
