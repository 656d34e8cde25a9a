import { describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from 'forkpool/bench';
import {
  childrenOf,
  isAlive,
  killsWhatIsLeft,
  leavesNoChild,
  onLinux,
  temporaryFiles,
  until,
  where,
} from '../helpers.js';
import { start } from './helpers.js';

leavesNoChild();
const kept = killsWhatIsLeft();

const file = temporaryFiles();
const MAIN = fileURLToPath(new URL('../../dist/lib/bundled/main.js', import.meta.url));

/** A module of a user. */
const TASKS = file('tasks.mjs');
writeFileSync(
  TASKS,
  `import { createHash } from 'node:crypto';
   export default function hash(x) {
     let digest = Buffer.from(String(x));
     for (let round = 0; round < 500; round++) digest = createHash('sha256').update(digest).digest();
     return digest.toString('hex');
   }
   export const tools = { length: (text) => text.length };
   export function needsPrefix(x) { return globalThis.prefix + hash(x); }
   export function remember(prefix) { if (typeof prefix !== 'string') throw new TypeError('no prefix'); globalThis.prefix = prefix; }
   export function forget() { globalThis.prefix = undefined; }
   export const talk = (x) => { console.log('SAID ' + x); return hash(x); };
   export const throws = () => { throw new TypeError('never'); };
   export const wait = () => new Promise((resolve) => setTimeout(resolve, 10));
   export const quits = () => { if (process.send === undefined) process.exit(0); };
   export const answer = 42;
   setInterval(() => {}, 1000);`,
);
const ITEMS = file('items.jsonl');
writeFileSync(ITEMS, '1\n2\n\n{"three":3}\n');

const QUICK = ['--time', '3000', '--rounds', '1', '--processes', '1', '--concurrency', '1'];

function started(args: readonly string[], stdin = '') {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const child = kept(spawn(process.execPath, [MAIN, ...args], { cwd: file('.'), env, detached: true }));
  child.stdin.end(stdin);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended };
}

const forkpool = (args: readonly string[], stdin?: string) => started(args, stdin).ended;
const bench = (fn: string, ...args: string[]) => forkpool(['bench', fn, ...args]);

describe('forkpool bench', () => {
  it('prints the verdict and a table, and ends though the module holds the program open', async () => {
    // With less, a busy machine has no time for all three.
    const time = ['--time', '8000'];
    const { code, stdout, stderr } = await bench('./tasks.mjs', '--input', ITEMS, ...QUICK, ...time);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    // Where other programs had the CPUs, what is left of it may look like waiting.
    const lost = Number(/; (\d+) % of the time was lost to other programs/.exec(stdout)?.[1]);
    expect(stdout).toMatch(lost > 15 ? /^(?:CPU-bound|Mixed): \d+ % CPU/ : /^CPU-bound: \d+ % CPU\. /);
    for (const name of ['one at a time', 'Pool of 1', 'ThreadPool of 1', 'AsyncPool of 1']) {
      expect(stdout).toMatch(new RegExp(`^${name}  +\\S`, 'm'));
    }
  });

  it('prints JSON and nothing else with --json, whatever the tasks print', async () => {
    const { code, stdout, stderr } = await bench('./tasks.mjs#talk', '--input', ITEMS, '--json', ...QUICK);
    expect(code).toBe(0);
    const comparison = JSON.parse(stdout) as Comparison;
    // Where other programs had the CPUs, what is left of it may look like waiting.
    if (comparison.oneAtATime.stolenShare <= 0.15) expect(comparison.verdict.kind).toBe('CPU-bound');
    else expect(['CPU-bound', 'mixed']).toContain(comparison.verdict.kind);
    expect(comparison.items.given).toBe(3);
    expect(stderr).toContain('SAID 1');
  });

  it('reads lines of text from stdin with --lines, and calls members of exports', async () => {
    const args = ['bench', './tasks.mjs#tools.length', '-', '--lines', '--json', '--pools', 'async', ...QUICK];
    const { code, stdout } = await forkpool(args, 'one\ntwo\n');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: { kind: 'tiny' }, items: { given: 2 } });
  });

  it('reads the lines that forkpool map reads, from the files of a glob too', async () => {
    writeFileSync(file('lines.txt'), 'one\rtwo\u2028three\r\n\n \n');
    const known = String.raw`['one\rtwo\u2028three', ' '].includes(x)`;
    const args = ['bench', '-e', `x => { if (!${known}) throw x }`, file('lin[e]s.txt'), '--lines', '--json'];
    const { code, stdout } = await forkpool([...args, '--pools', 'async', ...QUICK]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ items: { given: 2 }, oneAtATime: { failures: { failed: 0 } } });
  });

  it('drops a byte order mark at the start of the input', async () => {
    const args = ['bench', '-e', 'x => { if (x !== 1) throw x }', '-', '--json', '--pools', 'async', ...QUICK];
    const { code, stdout, stderr } = await forkpool(args, '\uFEFF1\n');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ oneAtATime: { failures: { failed: 0 } } });
  });

  it('runs a function of -e on the input that is its argument, for as long as --time says', async () => {
    const args = ['bench', '-e', 'x => Object(x).three ?? x', ITEMS, '--json', ...QUICK, '--time', '2s'];
    const { code, stdout, stderr } = await forkpool(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: { kind: 'tiny' }, items: { given: 3 } });
  });

  it('runs the initializer with its arguments, and the finalizer', async () => {
    const worker = [
      '--initializer',
      './tasks.mjs#remember',
      '--initargs',
      '["a"]',
      '--finalizer',
      './tasks.mjs#forget',
    ];
    const { code, stdout, stderr } = await bench('./tasks.mjs#needsPrefix', '--input', ITEMS, ...worker, ...QUICK);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/failed|could not run/);
  });

  it('writes a report', async () => {
    const page = file('report.html');
    const { code, stdout } = await bench(
      './tasks.mjs',
      '--input',
      ITEMS,
      '--report',
      page,
      '--pools',
      'async',
      ...QUICK,
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`The report is in ${page}`);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('ends with 1 when every task fails, naming the line of the first', async () => {
    const { code, stdout, stderr } = await bench('./tasks.mjs#throws', '--input', ITEMS, ...QUICK);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^forkpool: Every task failed, .* of \S+items\.jsonl:[124]: TypeError: never\n$/);
  });

  it('ends with 1 when the initializer fails', async () => {
    const { code, stderr } = await bench(
      './tasks.mjs#needsPrefix',
      '--input',
      ITEMS,
      '--initializer',
      './tasks.mjs#remember',
      ...QUICK,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('no prefix');
  });

  it('ends with 1 when a task of an AsyncPool ends the command, and says what to do', async () => {
    const { code, stdout, stderr } = await bench('./tasks.mjs#quits', ITEMS, '--pools', 'async', ...QUICK);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^forkpool: there is no verdict: .* --pools process,thread, .*\n$/);
  });
});

where(existsSync('/dev/full'), 'there is no /dev/full').describe('a full disk under the report', () => {
  it('ends forkpool bench with 1, and takes nothing from what it prints', async () => {
    const args = ['-e', 'x => x', ITEMS, '--pools', 'async', ...QUICK, '--report', '/dev/full'];
    const { code, stdout, stderr } = await forkpool(['bench', ...args]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write /dev/full: ENOSPC')]);
    expect(stdout).toMatch(/^one at a time /m);
    expect(stdout).not.toContain('The report is in');
  });
});

where(existsSync('/dev/full'), 'there is no /dev/full').describe('a full disk behind stdout', () => {
  it.each([[], ['--json']])('ends forkpool bench with 1, with %j', async (...json) => {
    const args = ['bench', '-e', 'x => x', ITEMS, '--pools', 'async', ...QUICK, ...json];
    const { code, stderr } = await start(args, { cwd: file('.'), shell: 'exec "$@" > /dev/full' }).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write stdout: ENOSPC')]);
  });

  it.each([['--help'], ['--version'], ['map', '--help']])('ends forkpool %s %s with 1', async (...args) => {
    const { code, stderr } = await start(args, { cwd: file('.'), shell: 'exec "$@" > /dev/full' }).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write stdout: ENOSPC')]);
  });
});

describe('a wrong call of forkpool bench', () => {
  const bad = file('bad.jsonl');
  writeFileSync(bad, '1\n\n{"two":\n');
  const empty = file('empty.jsonl');
  writeFileSync(empty, '\n\n');
  writeFileSync(file('broken.mjs'), 'import "no-such-package";');
  const input = ['--input', ITEMS];

  it.each([
    ['a module that is not there', ['./nope.mjs#f', ...input], /There is no module \.\/nope\.mjs/],
    ['a package that is not there', ['no-such-package#f', ...input], /There is no module no-such-package/],
    ['a module that does not load', ['./broken.mjs', ...input], /Cannot load \.\/broken\.mjs: .*no-such-package/],
    [
      'an export that is not there',
      ['./tasks.mjs#hsh', ...input],
      /no export `hsh`\. Functions there are default, .*wait/,
    ],
    ['a member that is not there', ['./tasks.mjs#tools.size', ...input], /tools has no export `size`\. .*length/],
    [
      'an export that is no function',
      ['./tasks.mjs#answer', ...input],
      /`answer` of \.\/tasks\.mjs is not a function, but of type number/,
    ],
    ['a module without a name', ['#f', ...input], /as in \.\/tasks\.js#resize, got #f/],
    ['an initializer that is not there', ['./tasks.mjs', ...input, '--initializer', './tasks.mjs#x'], /no export `x`/],
    ['a line that is no JSON', ['./tasks.mjs', '--input', bad], /bad\.jsonl:3: expected a JSON value, got \{"two":/],
    ['an input without items', ['./tasks.mjs', '--input', empty], /no items in \S+empty\.jsonl/],
    ['an input that is not there', ['./tasks.mjs', '--input', 'none.jsonl'], /Cannot read the input none\.jsonl/],
    ['an input that is a folder', ['./tasks.mjs', '--input', '.'], /Cannot read the input \.: it is a folder/],
    ['no function', [...input], /Expected a function: \.\/tasks\.js#resize, or -e/],
    ['no input', ['./tasks.mjs'], /There is no input: name a file, or - for stdin/],
    [
      'a function that cannot travel',
      ['-e', '(() => { const k = 2; return (x) => x * k })()', ...input],
      /Cannot use the function of -e: .* captures `k`/,
    ],
    ['no input for -e', ['-e', 'x => x'], /There is no input/],
    ['two inputs', ['./tasks.mjs', 'one.jsonl', ...input], /There is one input, got \S+items\.jsonl and one\.jsonl/],
    ['a time that is none', ['./tasks.mjs', ...input, '--time', 'soon'], /Expected a duration such as 30s/],
    [
      'a pool that is not there',
      ['./tasks.mjs', ...input, '--pools', 'fibre'],
      /process, thread or async, got `fibre`/,
    ],
    ['a number of workers that is none', ['./tasks.mjs', ...input, '--processes', '1,0'], /from 1 up, got `0`/],
    ['initargs that are no array', ['./tasks.mjs', ...input, '--initargs', '{}'], /Expected a JSON array, got `\{\}`/],
    [
      'a folder for the report that is not there',
      ['./tasks.mjs', ...input, '--report', 'no/r.html'],
      /forkpool: Cannot write no\/r\.html: ENOENT/,
    ],
    [
      'a report that is the input',
      ['./tasks.mjs', ...input, '--report', ITEMS],
      /forkpool: --report .*items\.jsonl is the input .*items\.jsonl/,
    ],
    ['a report that is a folder', ['./tasks.mjs', ...input, '--report', '.'], /forkpool: Cannot write \.: EISDIR/],
    ['an option that is not there', ['./tasks.mjs', ...input, '--fast'], /unknown option '--fast'/],
  ])('is told of %s, with exit code 2', async (_title, args, message) => {
    const { code, stdout, stderr } = await forkpool(['bench', ...args]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect([code, stdout]).toEqual([2, '']);
  });

  onLinux.it('is told of an input that fails while it is read, with exit code 2', async () => {
    const { code, stderr } = await forkpool(['bench', '-e', 'x => x', '/proc/self/mem']);
    expect([code, stderr]).toEqual([2, 'forkpool: Cannot read the input /proc/self/mem:1: EIO: i/o error, read\n']);
  });

  onLinux.it('is told of stdin that is a folder, with exit code 2', async () => {
    const folder = openSync('.', 'r');
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'bench', '-e', 'x => x', '-'], {
      stdio: [folder, 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    closeSync(folder);
    expect([status, stderr]).toEqual([2, 'forkpool: Cannot read the input stdin: it is a folder\n']);
  });

  it('is told of a command that is not there, with exit code 2', async () => {
    const { code, stderr } = await forkpool(['bnch']);
    expect(stderr).toContain("unknown command 'bnch'");
    expect(code).toBe(2);
  });
});

describe('forkpool', () => {
  it.each([
    [['--help'], 'bench'],
    [['bench', '--help'], '--initializer'],
  ])('tells what it can do for %j', async (args, word) => {
    const { code, stdout } = await forkpool(args);
    expect(code).toBe(0);
    expect(stdout).toContain(word);
  });
});

onLinux.describe('Ctrl-C', () => {
  it.each(['process', 'thread', 'async'])(
    'ends a bench of pools of the kind %s with 130, and leaves no child',
    async (kind) => {
      const { child, ended } = started([
        'bench',
        './tasks.mjs#wait',
        '--input',
        ITEMS,
        '--pools',
        kind,
        '--processes',
        '2',
      ]);
      let children: number[] = [];
      await until('it has a child', () => (children = childrenOf(child.pid as number)).length > 0);
      process.kill(-(child.pid as number), 'SIGINT');
      const { code, stdout, stderr } = await ended;
      expect([code, stdout, stderr]).toEqual([130, '', 'forkpool: Interrupted by SIGINT\n']);
      await until('its children are gone', () => !children.some(isAlive));
    },
  );
});
