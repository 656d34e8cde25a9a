import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles } from '../helpers.js';
import { jsonLines, start, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  `export default (x) => x * 2;
   export const same = (x) => x;
   export const talk = (x) => { console.log('SAID ' + x); process.stdout.write('WROTE ' + x + '\\n'); return x; };
   export const tools = { prefixed: (x) => globalThis.prefix + process.env.SUFFIX + x };
   export function remember(prefix) { globalThis.prefix = prefix; }
   export function odd(x) { if (x % 2 === 1) throw Object.assign(new TypeError('odd ' + x), { code: 'EODD', cause: new Error('deeper') }); return x; }
   export function slowOne(x) { const end = Date.now() + 3; while (Date.now() < end); if (x === 1) throw new Error('one'); return x; }
   export function fate(how) {
     if (how === 'throw') throw new TypeError('thrown');
     if (how === 'hang') for (;;);
     if (how === 'kill') process.kill(process.pid, 'SIGKILL');
     if (how === 'exit') process.exit(3);
     return how;
   }
   console.log('LOADED');
   setInterval(() => {}, 1000);`,
);
writeFileSync(file('ten.jsonl'), '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
writeFileSync(file('thousand.jsonl'), Array.from({ length: 1000 }, (_, index) => `${index}\n`).join(''));

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(args, { cwd: folder, ...given }).ended;
const map = (...args: string[]) => forkpool(['map', ...args, '-p', '2']);

describe('the output of forkpool map', () => {
  it('has a line for each item, in the order of the input, and nothing else', async () => {
    const { code, stdout, stderr } = await map('./tasks.mjs', 'ten.jsonl');
    expect(stdout).toBe('0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n');
    expect(code).toBe(0);
    expect(stderr).toContain('LOADED');
    expect(stderr).toMatch(/^10 items in .*, 0 failed\n.*\d\.\d items at once on average\nslowest: ten\.jsonl:\d+ /m);
  });

  it.each(['--retries=0', '--threads', '--async'])('has nothing that tasks print, with %s', async (kind) => {
    const { code, stdout, stderr } = await map('./tasks.mjs#talk', 'ten.jsonl', kind);
    expect([code, stdout]).toEqual([0, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n']);
    expect(stderr.match(/^SAID \d$/gm)).toHaveLength(10);
    expect(stderr.match(/^WROTE \d$/gm)).toHaveLength(10);
  });

  it('goes to stdout for -, with no file of that name', async () => {
    const { code, stdout } = await map('./tasks.mjs', 'ten.jsonl', '-o', '-');
    expect([code, stdout]).toEqual([0, '0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n']);
    expect(existsSync(file('-'))).toBe(false);
  });

  it('has lines as items finish with --unordered, each with its index', async () => {
    const { code, stdout } = await map('./tasks.mjs', 'ten.jsonl', '--unordered');
    expect(code).toBe(0);
    const lines = jsonLines(stdout) as { index: number; value: number }[];
    expect(lines.map(({ index, value }) => [index, value]).toSorted(([a = 0], [b = 0]) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, index) => [index, 2 * index]),
    );
  });

  it('goes to a file with --output, which is overwritten', async () => {
    writeFileSync(file('out.jsonl'), 'old '.repeat(100));
    const { code, stdout } = await map('./tasks.mjs', 'ten.jsonl', '--output', 'out.jsonl');
    expect([code, stdout]).toEqual([0, '']);
    expect(readFileSync(file('out.jsonl'), 'utf8')).toBe('0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n');
  });

  it('may be a device, which has no journal', async () => {
    const { code, stderr } = await map('./tasks.mjs', 'ten.jsonl', '--output', '/dev/null');
    expect([code, stderr.includes('10 items')]).toEqual([0, true]);
  });

  it('may be a device that has the errors as well', async () => {
    const nowhere = ['--output', '/dev/null', '--errors', '/dev/null'];
    const { code, stderr } = await map('./tasks.mjs#odd', 'ten.jsonl', '--on-error', 'skip', '--quiet', ...nowhere);
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: 5 items failed\n')]);
  });

  it.each([[[]], [['--async']]])(
    'is where it was named, though the module goes to another folder, with %j',
    async (kind) => {
      mkdirSync(file('else'), { recursive: true });
      writeFileSync(
        file('goes.mjs'),
        "process.chdir('else'); export const odd = (x) => { if (x % 2) throw x; return x; }; export const init = () => {};",
      );
      const names = ['-o', 'stays.jsonl', '--errors', 'stays.failed', '--initializer', './goes.mjs#init'];
      const { code } = await map('./goes.mjs#odd', 'ten.jsonl', ...names, '--on-error', 'skip', ...kind);
      expect([code, readFileSync(file('stays.jsonl'), 'utf8')]).toEqual([1, '0\n2\n4\n6\n8\n']);
      expect(jsonLines(readFileSync(file('stays.failed'), 'utf8'))).toHaveLength(5);
      expect(readdirSync(folder).filter((name) => name.startsWith('stays'))).toHaveLength(3);
      expect(readdirSync(file('else'))).toEqual([]);
    },
  );

  it('says nothing on stderr with --quiet when all is well', async () => {
    const { code, stderr } = await map('-e', '(x) => x', 'ten.jsonl', '--quiet');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('may be closed by its reader, which is no error', async () => {
    const { code, stdout, stderr } = await forkpool(['map', '-e', 'x => x', '--quiet', '-'], {
      shell: 'seq 200000 | { "$@"; echo "code $?" >&2; } | head -n 1',
    });
    expect([code, stdout, stderr]).toEqual([0, '1\n', 'code 0\n']);
  });
});

describe('the function of forkpool map', () => {
  it('may be of a package that is for import alone, though a folder has its name', async () => {
    mkdirSync(file('node_modules/esm-only'), { recursive: true });
    mkdirSync(file('esm-only'));
    const manifest = { name: 'esm-only', exports: { '.': { import: './tasks.mjs' } } };
    writeFileSync(file('node_modules/esm-only/package.json'), JSON.stringify(manifest));
    writeFileSync(file('node_modules/esm-only/tasks.mjs'), 'export const twice = (x) => 2 * x;');
    const { code, stdout } = await forkpool(['map', 'esm-only#twice', '-p', '1', '--quiet'], { stdin: '21\n' });
    expect([code, stdout]).toEqual([0, '42\n']);
  });

  it('may be a member of an export, with an initializer and variables', async () => {
    const worker = ['--initializer', './tasks.mjs#remember', '--initargs', '["<"]', '--env', 'SUFFIX=>'];
    const { stdout } = await map('./tasks.mjs#tools.prefixed', 'ten.jsonl', ...worker);
    expect(jsonLines(stdout).slice(0, 2)).toEqual(['<>0', '<>1']);
  });

  it.each(['--threads', '--async'])('may be written on the command line, with %s too', async (kind) => {
    expect((await map('-e', 'async function (x) { return x + 1 }', 'ten.jsonl', kind)).stdout).toMatch(/^1\n2\n/);
  });

  it.each(['--retries=0', '--threads', '--async'])('may import modules from there, with %s too', async (kind) => {
    writeFileSync(file('five.mjs'), 'export const five = 5;');
    const fn = 'async (x) => x + (await import("./five.mjs")).five';
    const { stdout, stderr } = await map('-e', fn, 'ten.jsonl', '--quiet', kind);
    expect([stderr, stdout.slice(0, 4)]).toEqual(['', '5\n6\n']);
  });
});

describe('items that fail', () => {
  const errors = (): unknown[] => jsonLines(readFileSync(file('failed.jsonl'), 'utf8'));
  const WHOLE = { name: 'TypeError', message: 'odd 1', code: 'EODD', cause: { message: 'deeper' } };

  it('stop the run, whose output ends before the first of them', async () => {
    const { code, stdout, stderr } = await map('./tasks.mjs#odd', 'ten.jsonl', '--errors', 'failed.jsonl', '--quiet');
    expect([code, stdout]).toEqual([1, '0\n']);
    expect(stderr).toContain('forkpool: Stopped, since an item failed. ten.jsonl:2: TypeError: odd 1\n');
    expect(errors()[0]).toMatchObject({ index: 1, item: 1, error: WHOLE });
  });

  it('are told of by --errors where the input is at fault as well', async () => {
    // Read together, before a worker is there: the item is not answered yet when the fault is found.
    const args = ['map', './tasks.mjs#odd', '-p', '4', '--errors', 'failed.jsonl', '--quiet'];
    const { code, stderr } = await forkpool(args, { stdin: '1\n{"two\n' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('forkpool: stdin:2: expected a JSON value')]);
    expect(errors()).toMatchObject([{ index: 0, item: 1, error: WHOLE }]);
  });

  it.each([
    ['changes', 'row.n = 9'],
    ['makes contain itself', 'row.self = row'],
    ['gives what JSON has no words for', 'row.big = 1n'],
  ])('are told of as the input has them, which an --async task %s', async (_title, change) => {
    const fn = `(row) => { ${change}; throw new Error('failed'); }`;
    const args = ['map', '-e', fn, '--async', '--on-error', 'skip', '--errors', 'failed.jsonl', '--quiet'];
    const { code, stderr } = await forkpool(args, { stdin: '{ "n": 1 }\n{"n":2}\n' });
    expect([code, stderr]).toEqual([1, 'forkpool: 2 items failed\n']);
    expect(errors()).toMatchObject([{ item: { n: 1 } }, { item: { n: 2 } }]);
  });

  it('do not stop what runs, of which --unordered has the lines', async () => {
    const { code, stdout } = await map('./tasks.mjs#slowOne', 'thousand.jsonl', '--unordered');
    expect(code).toBe(1);
    const lines = jsonLines(stdout);
    expect(lines).toContainEqual({ index: 0, value: 0 });
    // It takes 1.5 s with two workers, and the failure is known after some ms.
    expect(lines.length).toBeLessThan(900);
  });

  it('have no line with skip, and the run goes on', async () => {
    const args = ['--on-error', 'skip', '--errors', 'failed.jsonl'];
    const { code, stdout, stderr } = await map('./tasks.mjs#odd', 'ten.jsonl', ...args);
    expect([code, stdout]).toEqual([1, '0\n2\n4\n6\n8\n']);
    expect(stderr).toMatch(/, 5 failed\n[^]*first failure: ten.jsonl:2: TypeError: odd 1\n/);
    expect(errors()).toMatchObject(
      [1, 3, 5, 7, 9].map((index) => ({ index, item: index, error: { name: 'TypeError' } })),
    );
    expect(errors()[0]).toMatchObject({ error: WHOLE });
  });

  it.each(['skip', 'collect'])('may throw what has no text, and the run goes on: %s', async (how) => {
    writeFileSync(
      file('nameless.mjs'),
      `export const nameless = (x) => {
         if (x === 1) throw { toString: null };
         if (x === 2) throw Object.create(null);
         if (x === 3) throw Object.defineProperty(new Error(), 'secret', { enumerable: true, get() { throw 'no' } });
         return x;
       };`,
    );
    const args = ['--on-error', how, '--unordered', '--quiet', '--async', '--errors', 'failed.jsonl'];
    const { code, stdout, stderr } = await map('./nameless.mjs#nameless', 'ten.jsonl', ...args);
    expect([code, stderr]).toEqual([1, 'forkpool: 3 items failed\n']);
    expect(jsonLines(stdout)).toHaveLength(how === 'skip' ? 7 : 10);
    expect(errors()).toHaveLength(3);
  });

  it.each(['--quiet', '--unordered'])('have their error in their line with collect, with %s too', async (other) => {
    const { code, stdout } = await map('./tasks.mjs#odd', 'ten.jsonl', '--on-error', 'collect', other);
    expect(code).toBe(1);
    const lines = jsonLines(stdout) as { index: number }[];
    expect(lines).toHaveLength(10);
    expect(lines).toContainEqual({ index: 3, error: { name: 'TypeError', message: 'odd 3', code: 'EODD' } });
  });

  it('may throw, hang, kill their child and end it, in one input', async () => {
    const stdin = 'fine\nthrow\nhang\nkill\nexit\nwell\n';
    const args = ['--lines', '--timeout', '700ms', '--on-error', 'collect', '--errors', 'failed.jsonl', '--quiet'];
    const { code, stdout, stderr } = await forkpool(['map', './tasks.mjs#fate', ...args], { stdin });
    expect(code).toBe(1);
    expect(stderr).toContain('4 items failed');
    expect(jsonLines(stdout)).toMatchObject([
      'fine',
      { index: 1, error: { name: 'TypeError', message: 'thrown' } },
      { index: 2, error: { code: 'ERR_TASK_TIMEOUT' } },
      { index: 3, error: { code: 'ERR_WORKER_LOST' } },
      { index: 4, error: { code: 'ERR_WORKER_LOST' } },
      'well',
    ]);
    expect(errors()).toMatchObject([
      { item: 'throw' },
      { item: 'hang' },
      { item: 'kill', error: { signal: 'SIGKILL' } },
      { item: 'exit', error: { exitCode: 3 } },
    ]);
  });

  it('include those whose result is no JSON', async () => {
    const args = ['-e', 'x => { const o = {}; if (x === 1) o.o = o; return o }', '--on-error', 'collect', '--quiet'];
    const { code, stdout } = await map(...args, 'ten.jsonl');
    expect(code).toBe(1);
    expect(jsonLines(stdout)[1]).toMatchObject({ index: 1, error: { name: 'TypeError' } });
    expect(jsonLines(stdout)[2]).toEqual({});
  });
});

describe('forkpool map --shard', () => {
  it('has the items of its part, with their indices in the whole input', async () => {
    const { stdout } = await map('./tasks.mjs#same', 'ten.jsonl', '--unordered', '--shard', '2/3');
    const lines = jsonLines(stdout) as { index: number }[];
    expect(lines.toSorted((a, b) => a.index - b.index)).toEqual([1, 4, 7].map((index) => ({ index, value: index })));
  });

  it('takes its number from the job', async () => {
    const args = ['map', './tasks.mjs#same', 'ten.jsonl', '--shard', '/3', '--async', '--quiet'];
    expect((await forkpool(args, { env: { JOB_COMPLETION_INDEX: '2' } })).stdout).toBe('2\n5\n8\n');
  });
});

describe('forkpool', () => {
  it.each([
    [['map', '--help'], '--on-error'],
    [['--help'], 'map [options]'],
    [['--version'], (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version],
  ])('says of itself with %j', async (args, word) => {
    const { code, stdout } = await forkpool(args);
    expect([code, stdout.includes(word)]).toEqual([0, true]);
  });

  it.each([[['--help']], [['map', '--help']]])('fits into 80 columns with %j', async (args) => {
    const { stdout } = await forkpool(args);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
