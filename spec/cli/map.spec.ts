import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isAlive, leavesNoChild, linesOf, childrenOf, temporaryFiles, until, where } from '../helpers.js';
import { start, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  `import { appendFileSync, existsSync } from 'node:fs';
   export default (x) => x * 2;
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
   export async function wait(x) {
     appendFileSync('begun', x + '\\n');
     while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 5));
     return x;
   }
   export const lengthOf = (x) => x.length;
   export const answer = 42;
   console.log('LOADED');
   setInterval(() => {}, 1000);`,
);
writeFileSync(file('ten.jsonl'), '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
writeFileSync(file('thousand.jsonl'), Array.from({ length: 1000 }, (_, index) => `${index}\n`).join(''));

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(args, { cwd: folder, ...given }).ended;
const map = (...args: string[]) => forkpool(['map', ...args, '-p', '2']);
const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

describe('the output of forkpool map', () => {
  it('has a line for each item, in the order of the input, and nothing else', async () => {
    const { code, stdout, stderr } = await map('./tasks.mjs', 'ten.jsonl');
    expect(stdout).toBe('0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n');
    expect(code).toBe(0);
    expect(stderr).toContain('LOADED');
    expect(stderr).toMatch(/^10 items in .*, 0 failed\n.*speed-up .*\nslowest: ten\.jsonl:\d+ /m);
  });

  it.each(['--retries=0', '--threads', '--async'])('has nothing that tasks print, with %s', async (kind) => {
    const { code, stdout, stderr } = await map('./tasks.mjs#talk', 'ten.jsonl', kind);
    expect([code, stdout]).toEqual([0, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n']);
    expect(stderr.match(/^SAID \d$/gm)).toHaveLength(10);
    expect(stderr.match(/^WROTE \d$/gm)).toHaveLength(10);
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
  it('may be a member of an export, with an initializer and variables', async () => {
    const worker = ['--initializer', './tasks.mjs#remember', '--initargs', '["<"]', '--env', 'SUFFIX=>'];
    const { stdout } = await map('./tasks.mjs#tools.prefixed', 'ten.jsonl', ...worker);
    expect(jsonLines(stdout).slice(0, 2)).toEqual(['<>0', '<>1']);
  });

  it.each(['--threads', '--async'])('may be written on the command line, with %s too', async (kind) => {
    expect((await map('-e', 'async function (x) { return x + 1 }', 'ten.jsonl', kind)).stdout).toMatch(/^1\n2\n/);
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

describe('what cannot be written', () => {
  it.each([
    ['no/such/folder.jsonl', 'ENOENT'],
    ['.', 'EISDIR'],
  ])('as %s ends the run with 1 before it begins', async (name, reason) => {
    const { code, stderr } = await map('./tasks.mjs#talk', 'ten.jsonl', '--output', name);
    expect(code).toBe(1);
    expect(stderr).toContain(`forkpool: Cannot write ${name}: ${reason}`);
    expect(stderr).not.toContain('SAID');
  });

  it('on a full disk ends the run with 1, and another goes on with what is there', async () => {
    const args = ['map', '-e', 'x => x', '--lines', '--output', 'full.jsonl', '--quiet', '-p', '2'];
    const stdin = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    const full = await forkpool(args, { stdin, shell: 'ulimit -f 64; exec "$@"' });
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/Cannot write full\.jsonl(?:\.journal)?: EFBIG: .*ulimit -f/);
    expect(full.stderr).toContain('to go on, run: forkpool map');
    const rest = await forkpool([...args, '--resume'], { stdin });
    expect([rest.code, rest.stderr]).toEqual([0, '']);
    expect(readFileSync(file('full.jsonl'), 'utf8')).toBe(stdin.replaceAll(/.+/g, '"$&"'));
  });
});

where(existsSync('/dev/full'), 'there is no /dev/full').describe('a full disk behind stdout', () => {
  it('ends the run with 1', async () => {
    const { code, stderr } = await forkpool(['map', '-e', 'x => x', 'ten.jsonl', '--quiet'], {
      shell: 'exec "$@" > /dev/full',
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write stdout: ENOSPC')]);
  });
});

describe('a wrong call of forkpool map', () => {
  const bad = '1\n2\n\n4\n5\n6\n{"seven":\n8\n';
  writeFileSync(file('bad.jsonl'), bad);
  writeFileSync(file('bad.csv'), 'a,b\n1,2\n3\n4,5\n');
  writeFileSync(file('open.csv'), 'a,b\n1,2\n"3,4\n');
  writeFileSync(file('headers.csv'), '"a"b,c\n1,2\n');
  writeFileSync(file('exits.mjs'), 'process.exit(0);\nexport default (x) => x;\n');
  const ten = 'ten.jsonl';
  symlinkSync(ten, file('link'));

  it('that finds no JSON in line 7 writes what stands before it', async () => {
    const { code, stdout, stderr } = await map('./tasks.mjs', 'bad.jsonl', '--quiet');
    expect([code, stdout]).toEqual([2, '2\n4\n8\n10\n12\n']);
    expect(stderr).toContain('forkpool: bad.jsonl:7: expected a JSON value, got {"seven":');
  });

  it('that finds a short line in a CSV writes what stands before it, and nothing behind', async () => {
    const { code, stdout, stderr } = await map('./tasks.mjs#same', '--csv', 'bad.csv', '--quiet');
    expect([code, stdout]).toEqual([2, '{"a":"1","b":"2"}\n']);
    expect(stderr).toContain('forkpool: bad.csv:3: Invalid Record Length');
  });

  it('that finds a fault in a CSV does not wait for the end of an input that is still written', async () => {
    const { code, stdout, stderr } = await forkpool(['map', './tasks.mjs#same', '--csv', '--quiet'], {
      // The shell holds the pipe open until the command has ended.
      shell: String.raw`mkfifo open; exec 3<>open; printf 'a,b\n1,2\n3\n4\n5\n' >&3; "$@" < open`,
    });
    expect([code, stdout]).toEqual([2, '{"a":"1","b":"2"}\n']);
    expect(stderr).toContain('forkpool: stdin:3: Invalid Record Length');
  });

  it.each([
    ['no function', [], /Expected a function: \.\/tasks\.js#resize/],
    ['a module that is not there', ['./nope.mjs', ten], /There is no module \.\/nope\.mjs/],
    ['an export that is not there', ['./tasks.mjs#nope', ten], /no export `nope`\. Functions there are .*odd/],
    ['an export that is no function', ['./tasks.mjs#answer', ten], /`answer` of \.\/tasks\.mjs is no function/],
    [
      'a module that exits',
      ['./exits.mjs', ten],
      /forkpool: \.\/exits\.mjs ended the program while it was being loaded/,
    ],
    ['text that is no function', ['-e', '42', ten], /Expected -e to be a function such as .*, got number/],
    ['text that is no JavaScript', ['-e', 'x =>', ten], /Cannot read the function of -e: SyntaxError/],
    ['an input that is not there', ['./tasks.mjs', 'nope.jsonl'], /Cannot read the input nope\.jsonl: ENOENT/],
    ['an input that is a folder', ['./tasks.mjs', '.'], /Cannot read the input \.: it is a folder/],
    ['a glob that matches nothing', ['./tasks.mjs', 'nope/*.jsonl'], /No file matches nope\/\*\.jsonl/],
    ['a quote that never ends', ['./tasks.mjs#same', '--csv', 'open.csv'], /open\.csv:3: Quote Not Closed/],
    ['headers that are no CSV', ['./tasks.mjs#same', '--csv', 'headers.csv'], /headers\.csv:1: Invalid Closing Quote/],
    ['two formats', ['./tasks.mjs', ten, '--csv', '--lines'], /option '--lines' cannot be used with option '--csv'/],
    ['two kinds of pools', ['./tasks.mjs', ten, '--threads', '--async'], /cannot be used with option/],
    ['an option that the pool cannot keep', ['./tasks.mjs', ten, '--async', '--env', 'A=1'], /no option `env`\. Pool/],
    [
      'a mode that is not there',
      ['./tasks.mjs', ten, '--on-error', 'ignore'],
      /Allowed choices are stop, skip, collect/,
    ],
    ['a shard that is not there', ['./tasks.mjs', ten, '--shard', '3/2'], /There is no shard 3 of 2/],
    ['--resume without an output', ['./tasks.mjs', ten, '--resume'], /--resume needs --output/],
    [
      '--resume with a device',
      ['./tasks.mjs', ten, '--resume', '-o', '/dev/null'],
      /--resume needs an --output that is a file/,
    ],
    [
      'an output that is the input',
      ['./tasks.mjs', ten, '-o', './ten.jsonl'],
      /--output \.\/ten\.jsonl is the input ten\.jsonl/,
    ],
    ['an output that leads to the input', ['./tasks.mjs', ten, '-o', 'link'], /--output link is the input ten\.jsonl/],
    ['an output that is --errors', ['./tasks.mjs', ten, '-o', 'x', '--errors', 'x'], /--errors x is --output as well/],
    ['an option that is not there', ['./tasks.mjs', ten, '--fast'], /unknown option '--fast'/],
  ])('is told of %s, with exit code 2', async (_title, args, message) => {
    const { code, stdout, stderr } = await map(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect([code, stdout.replaceAll('{"a":"1","b":"2"}\n', '')]).toEqual([2, '']);
  });

  it('is told of an initializer that fails, with exit code 1', async () => {
    const { code, stderr } = await map(
      './tasks.mjs',
      ten,
      '--initializer',
      './tasks.mjs#fate',
      '--initargs',
      '["throw"]',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('thrown');
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

describe('Ctrl-C', () => {
  const waiting = (output: string) => {
    for (const name of ['begun', 'go']) rmSync(file(name), { force: true });
    return [['map', './tasks.mjs#wait', 'ten.jsonl', '-p', '2', '--output', output], output] as const;
  };

  it('finishes what runs, writes it and says how to go on', async () => {
    const [args, output] = waiting('interrupted.jsonl');
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGINT');
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain(
      `to go on, run: forkpool map './tasks.mjs#wait' ten.jsonl -p 2 --output ${output} --resume\n`,
    );
    expect(linesOf(file(output))).toEqual(['0', '1']);
    const rest = await forkpool([...args, '--resume']);
    expect([rest.code, linesOf(file(output)).length]).toEqual([0, 10]);
    // Each item once, in both runs together.
    expect(linesOf(file('begun')).map(Number).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('has a like in %s, of which the exit code tells', async (signal, exitCode) => {
    const [args, output] = waiting(`${signal}.jsonl`);
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(pid, signal);
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    expect((await ended).code).toBe(exitCode);
    expect(linesOf(file(output))).toEqual(['0', '1']);
  });

  it('ends the wait for a pipe that has no more to say', async () => {
    const shell = 'exec "$@" < <(echo 1; exec sleep 60)';
    const args = ['map', '-e', 'x => x', '--output', 'piped.jsonl'];
    const { child, pid, ended } = start(args, { cwd: folder, shell });
    await until('the item is done', () => linesOf(file('piped.jsonl')).length === 1);
    process.kill(pid, 'SIGINT');
    await until('it has ended', () => child.exitCode !== null);
    // `sleep` has its streams open.
    process.kill(-pid, 'SIGKILL');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('1 item in')]);
  });

  it('a second time stops at once, and leaves no child', async () => {
    const [args] = waiting('stopped.jsonl');
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    const children = childrenOf(pid);
    process.kill(-pid, 'SIGINT');
    await until('it says that it finishes', () => said().includes('finishing what runs'));
    process.kill(-pid, 'SIGINT');
    expect((await ended).code).toBe(130);
    await until('its children are gone', () => !children.some(isAlive));
  });
});
