import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { leavesNoChild, linesOf, temporaryFiles, until, withFifo } from '../helpers.js';
import { start, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
   export const pid = () => process.pid;
   const kept = [];
   export function grow() { kept.push(Buffer.alloc(40 << 20, 1)); return process.pid; }
   export function dieOnce(x) {
     if (x === 3 && !existsSync('died')) {
       writeFileSync('died', '');
       process.kill(process.pid, 'SIGKILL');
     }
     return x;
   }
   let running = 0;
   let most = 0;
   export async function together() {
     most = Math.max(most, ++running);
     await new Promise((resolve) => setTimeout(resolve, 20));
     running--;
     return most;
   }
   export function leave() { appendFileSync('left', process.pid + '\\n'); }
   export async function waitForGo(x) {
     while (x > 0 && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5));
     return x;
   }`,
);
writeFileSync(file('twelve.jsonl'), Array.from({ length: 12 }, (_, index) => `${index}\n`).join(''));

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(['map', ...args], { cwd: folder, ...given }).ended;

/** The results of a function that takes the twelve items of the input. */
async function resultsOf(name: string, ...args: string[]): Promise<unknown[]> {
  const { code, stdout, stderr } = await forkpool([`./tasks.mjs#${name}`, 'twelve.jsonl', '--quiet', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('forkpool map --async', () => {
  it('has as many items at once as --concurrency says, more than a pool is given ahead too', async () => {
    const fn = `() => new Promise((resolve) => {
      const waiting = (globalThis.waiting ??= []);
      if (waiting.push(resolve) === 5000) for (const each of waiting) each(0);
    })`;
    const args = ['map', '-e', fn, '--async', '-p', '1', '--concurrency', '5000', '--quiet'];
    const { code, stdout } = await start(args, { cwd: folder, stdin: '1\n'.repeat(5000), shell: 'timeout 20 "$@"' })
      .ended;
    expect([code, stdout.length]).toEqual([0, 10_000]);
  });
});

describe('a worker of forkpool map', () => {
  it('leaves after --maxtasksperchild items', async () => {
    const pids = await resultsOf('pid', '-p', '2', '--maxtasksperchild', '3', '--chunksize', '1');
    expect(pids).toHaveLength(12);
    const items = new Map<unknown, number>();
    for (const pid of pids) items.set(pid, (items.get(pid) ?? 0) + 1);
    expect(items.size).toBeGreaterThanOrEqual(4);
    expect(Math.max(...items.values())).toBeLessThanOrEqual(3);
  });

  it('is replaced when it has grown beyond --max-memory', async () => {
    const pids = await resultsOf('grow', '-p', '1', '--max-memory', '150M');
    expect(pids).toHaveLength(12);
    expect(new Set(pids).size).toBeGreaterThan(1);
  });

  it('that dies has its item run again by another, with --retries', async () => {
    expect(await resultsOf('dieOnce', '-p', '2', '--retries', '1')).toEqual(Array.from({ length: 12 }, (_, x) => x));
    expect(existsSync(file('died'))).toBe(true);
  });

  it('runs --concurrency items at once', async () => {
    expect(Math.max(...(await resultsOf('together', '-p', '1')).map(Number))).toBe(1);
    expect(Math.max(...(await resultsOf('together', '-p', '1', '--concurrency', '4')).map(Number))).toBe(4);
  });

  it('runs the --finalizer before it leaves', async () => {
    const pids = await resultsOf('pid', '-p', '2', '--finalizer', './tasks.mjs#leave');
    // One that had nothing to do may have been on its way still.
    expect(linesOf(file('left')).map(Number)).toEqual(expect.arrayContaining([...new Set(pids)]));
  });
});

withFifo.describe('a task that prints where nobody reads stderr any more', () => {
  it.each(['--retries=0', '--threads', '--async'])('has its result, with %s', async (kind) => {
    const print = 'process.stdout.write("SAID"); process.stderr.write("SAID")';
    // The streams tell of an error before the next turn of the loop.
    const fn = `async (x) => { ${print}; await new Promise(setImmediate); return x; }`;
    const args = ['-e', fn, 'twelve.jsonl', '-p', '2', kind];
    // Its reader has opened it, and has gone, before the command begins.
    const shell = 'rm -f err; mkfifo err; true < err & exec 3> err; wait; exec "$@" 2>&3';
    const { code, stdout } = await forkpool(args, { shell });
    expect([code, stdout]).toEqual([0, readFileSync(file('twelve.jsonl'), 'utf8')]);
  });
});

describe('a long run of forkpool map', () => {
  it('syncs what is written while others still run, and says so in the journal', async () => {
    const args = [
      './tasks.mjs#waitForGo',
      'twelve.jsonl',
      '--unordered',
      '--output',
      'slow.jsonl',
      '-p',
      '2',
      '--quiet',
    ];
    const { ended } = start(['map', ...args], { cwd: folder });
    const journal = (): string =>
      existsSync(file('slow.jsonl.journal')) ? readFileSync(file('slow.jsonl.journal'), 'utf8') : '';
    const line = '{"index":0,"value":0}\n';
    await until('the first item is synced', () => journal().includes(`{"is":"synced","ends":[${line.length},0]}`));
    expect(readFileSync(file('slow.jsonl'), 'utf8')).toBe(line);
    writeFileSync(file('go'), '');
    expect((await ended).code).toBe(0);
  });

  it('takes no more memory for an input larger than its heap', async () => {
    // 60 MB of text, and as much in results: neither fits into a heap of 48 MiB, which the workers have too.
    const run = await forkpool(['-e', 'x => x', '--lines', '--quiet', '-p', '2', '--output', 'large.jsonl'], {
      shell: `yes ${'x'.repeat(199)} | head -n 300000 | "$@"`,
      env: { NODE_OPTIONS: '--max-old-space-size=48' },
    });
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(readFileSync(file('large.jsonl')).length).toBe(300_000 * 202);
  });
});
