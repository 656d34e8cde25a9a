import { describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles } from '../helpers.js';
import { start, type Ended } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

const FORKPOOL = JSON.stringify(new URL('../../dist/lib/bundled/index.js', import.meta.url));

// A program of its own, which comes to its end while a task of another runs.
writeFileSync(
  file('program.mjs'),
  `import { existsSync, writeFileSync } from 'node:fs';
   import { setTimeout as delay } from 'node:timers/promises';
   import { currentWorker } from ${FORKPOOL};
   export default async () => {
     writeFileSync('begun', '');
     for (;;) await delay(5);
   };
   async function main() {
     while (!existsSync('begun')) await delay(5);
     process.exit(0);
   }
   if (!currentWorker()) void main();`,
);
writeFileSync(file('three.jsonl'), '0\n1\n2\n');

const forkpool = (...args: readonly string[]): Promise<Ended> => start(args, { cwd: folder }).ended;
const NO_VERDICT = 'forkpool: there is no verdict: process.exit has ended this program, by the module or ';
const WORDS = 'forkpool: the program was ended, by the module or a task (process.exit), before all was done\n';

describe('a run whose program ends before it', () => {
  it.each([
    ['by the module, which is a program as well', WORDS, ['map', './program.mjs', 'three.jsonl', '-p', '1', '-q']],
    [
      'by a task of --async',
      WORDS,
      ['map', '-e', 'x => x === 1 ? process.exit(0) : x', 'three.jsonl', '--async', '-q'],
    ],
    ['by the module, under forkpool bench', NO_VERDICT, ['bench', './program.mjs', 'three.jsonl']],
  ])('is told of, with exit code 1: %s', async (_title, words, args) => {
    rmSync(file('begun'), { force: true });
    const { code, stderr } = await forkpool(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  });
});
