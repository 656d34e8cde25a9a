import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { leavesNoChild, temporaryFiles, where, withFifo } from '../helpers.js';
import { start, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  `export default (x) => x * 2;
   export const same = (x) => x;
   export const talk = (x) => { console.log('SAID ' + x); return x; };
   export function odd(x) { if (x % 2 === 1) throw new TypeError('odd ' + x); return x; }
   export function fail(why) { throw new TypeError(why); }
   export const answer = 42;`,
);
writeFileSync(file('ten.jsonl'), '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(args, { cwd: folder, ...given }).ended;
const map = (...args: string[]) => forkpool(['map', '-p', '2', ...args]);

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

describe('a file behind stdout', () => {
  it('that takes but a part of the lines ends the run with 1', async () => {
    const { code, stderr } = await forkpool(['map', '-e', '() => "x".repeat(9000)', '-p', '1', '--quiet'], {
      stdin: '1\n',
      shell: 'ulimit -f 4; exec "$@" > small.jsonl',
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write stdout: EFBIG')]);
  });

  it('is written behind what it holds, where it was opened so', async () => {
    writeFileSync(file('grows.jsonl'), '"before"\n');
    const shell = '{ echo 1; "$@"; echo 2; } >> grows.jsonl';
    const { code } = await forkpool(['map', './tasks.mjs', '-p', '1', '--quiet'], { stdin: '7\n', shell });
    expect([code, readFileSync(file('grows.jsonl'), 'utf8')]).toEqual([0, '"before"\n1\n14\n2\n']);
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

withFifo.describe('a pipe whose reader leaves', () => {
  // More than the pipe, and the one read of `head`, can hold.
  const stdin = Array.from({ length: 20_000 }, (_, index) => `a line that nobody will read ${index}\n`).join('');

  it.each([
    ['--output', 'x => x'],
    ['--errors', '(x) => { throw new Error(x) }'],
  ])('ends the run with 1 where it is that of %s', async (option, fn) => {
    const args = ['map', '-e', fn, '--lines', '--on-error', 'skip', '--quiet', '-p', '2', option, 'pipe'];
    const shell = 'rm -f pipe; mkfifo pipe; head -n 1 pipe > /dev/null & exec "$@"';
    const { code, stderr } = await forkpool(args, { stdin, shell });
    expect([code, stderr]).toEqual([1, expect.stringContaining('forkpool: Cannot write pipe: EPIPE')]);
  });
});

describe('a wrong call of forkpool map', () => {
  const bad = '1\n2\n\n4\n5\n6\n{"seven":\n8\n';
  writeFileSync(file('bad.jsonl'), bad);
  writeFileSync(file('bad.csv'), 'a,b\n1,2\n3\n4,5\n');
  writeFileSync(file('open.csv'), 'a,b\n1,2\n"3,4\n');
  writeFileSync(file('headers.csv'), '"a"b,c\n1,2\n');
  writeFileSync(file('pretty.json'), '[\n  1\n]\n');
  writeFileSync(file('ten.gz'), gzipSync('1\n'));
  writeFileSync(file('kept.ts'), 'enum Kept { yes }\nexport default (x: number): number => x + Kept.yes;\n');
  const ten = 'ten.jsonl';
  const CAPTURES = '(() => { const k = 2; return (x) => x * k })()';
  symlinkSync(ten, file('link'));
  symlinkSync('.', file('same'));
  symlinkSync('target', file('to-be'));
  writeFileSync(file('x.journal'), '');

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
    ['an export that is no function', ['./tasks.mjs#answer', ten], /`answer` of \.\/tasks\.mjs is not a function/],
    ['text that is no function', ['-e', '42', ten], /Expected -e to be a function such as .*, got number/],
    ['text that is no JavaScript', ['-e', 'x =>', ten], /Cannot read the function of -e: SyntaxError/],
    ['a function that captures a variable', ['-e', CAPTURES, ten], /Cannot use the function of -e: .* captures `k`/],
    ['a function that is bound', ['-e', 'Math.sqrt.bind(Math)', ten], /-e: Expected .* a function that is not bound/],
    ['a class', ['-e', 'class A {}', ten], /-e: Expected .* a function, not a class/],
    ['an input that is not there', ['./tasks.mjs', 'nope.jsonl'], /Cannot read the input nope\.jsonl: ENOENT/],
    ['an input that is a folder', ['./tasks.mjs', '.'], /Cannot read the input \.: it is a folder/],
    ['a glob that matches nothing', ['./tasks.mjs', 'nope/*.jsonl'], /No file matches nope\/\*\.jsonl/],
    ['a quote that never ends', ['./tasks.mjs#same', '--csv', 'open.csv'], /open\.csv:3: Quote Not Closed/],
    ['headers that are no CSV', ['./tasks.mjs#same', '--csv', 'headers.csv'], /headers\.csv:1: Invalid Closing Quote/],
    ['JSON on many lines', ['./tasks.mjs', 'pretty.json'], /pretty\.json:1: expected .*jq -c '\.\[\]'/],
    ['what gzip has made', ['./tasks.mjs', 'ten.gz', '--lines'], /ten\.gz:1: it is compressed by gzip/],
    ['TypeScript without what loads it', ['./kept.ts', ten], /Cannot load \.\/kept\.ts: .*NODE_OPTIONS="--import tsx"/],
    ['an input without a name', ['./tasks.mjs', ''], /Expected the name of a file of the input, got an empty text/],
    ['a module without a name', ['', ten], /Expected a function: \.\/tasks\.js#resize/],
    ['arguments for no initializer', ['./tasks.mjs', ten, '--initargs', '[1]'], /--initargs needs --initializer/],
    ['two formats', ['./tasks.mjs', ten, '--csv', '--lines'], /option '--lines' cannot be used with option '--csv'/],
    ['two kinds of pools', ['./tasks.mjs', ten, '--threads', '--async'], /cannot be used with option/],
    [
      'variables for a pool that has no processes',
      ['./tasks.mjs', ten, '--async', '--env', 'A=1'],
      /'--async' cannot be used with option '--env <name=value>'/,
    ],
    [
      'a bound of memory for a pool that has no processes',
      ['./tasks.mjs', ten, '--async', '--max-memory', '1G'],
      /'--async' cannot be used with option '--max-memory <size>'/,
    ],
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
    [
      'a journal that is the input',
      ['./tasks.mjs', 'x.journal', '-o', 'x'],
      /x\.journal, the journal of --output, is the input x\.journal/,
    ],
    [
      'errors that are the journal',
      ['./tasks.mjs', ten, '-o', 'x', '--errors', 'x.journal'],
      /--errors x\.journal is the journal of --output as well/,
    ],
    ['errors that are stdout', ['./tasks.mjs', ten, '--errors', '-'], /--errors - is stdout as well/],
    [
      'errors that are stdout by its other name',
      ['./tasks.mjs', ten, '--errors', '/dev/stdout'],
      /--errors \/dev\/stdout is stdout as well/,
    ],
    [
      'an output that is the lock of the errors',
      ['./tasks.mjs', ten, '-o', 'KL.lock', '--errors', 'KL'],
      /KL\.lock, the lock of --errors, is --output as well/,
    ],
    [
      'errors that are the lock of the output',
      ['./tasks.mjs', ten, '-o', 'L', '--errors', './L.lock'],
      /L\.lock, the lock of --output, is --errors as well/,
    ],
    [
      'errors in a folder of another name that are the lock of an output to which a link leads',
      ['./tasks.mjs', ten, '-o', 'to-be', '--errors', 'same/target.lock'],
      /target\.lock, the lock of --output, is --errors as well/,
    ],
    [
      'an output without a name',
      ['./tasks.mjs', ten, '-o', ''],
      /'-o, --output <file>' argument '' is invalid. Expected the name/,
    ],
    ['errors without a name', ['./tasks.mjs', ten, '--errors', ''], /'--errors <file>' argument '' is invalid/],
    ['--resume with stdout', ['./tasks.mjs', ten, '--resume', '-o', '-'], /--resume needs --output/],
    ['an option that is not there', ['./tasks.mjs', ten, '--fast'], /unknown option '--fast'/],
  ])('is told of %s, with exit code 2', async (_title, args, message) => {
    const { code, stdout, stderr } = await map(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect([code, stdout.replaceAll('{"a":"1","b":"2"}\n', '')]).toEqual([2, '']);
  });

  it.each([
    ['process.exit(0);', 'process.exit'],
    [
      "setTimeout(() => { throw new Error('late') }); await new Promise((resolve) => setTimeout(resolve, 1e9));",
      'an uncaught error',
    ],
    [
      "Promise.reject(new Error('late')); await new Promise((resolve) => setTimeout(resolve, 1e9));",
      'an uncaught error',
    ],
    ['await new Promise(() => {});', 'a wait for what never comes'],
  ])('is told of a module that ends the program as it is loaded, with exit code 1: %s', async (text, why) => {
    writeFileSync(file('ends.mjs'), `${text}\nexport default (x) => x;\n`);
    const { code, stdout, stderr } = await map('./ends.mjs', ten);
    expect(stderr).toContain(`forkpool: ./ends.mjs ended the program while it was being loaded (${why})\n`);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('is told of a folder that is gone, with exit code 2', async () => {
    const shell = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"';
    const { code, stderr } = await forkpool(['map', '-e', 'x => x'], { shell });
    expect([code, stderr]).toEqual([2, 'forkpool: the current folder is not there any more: go to one that is\n']);
  });

  it('leaves the output as it was, where the function cannot travel to a worker', async () => {
    writeFileSync(file('kept.jsonl'), '"kept"\n');
    expect((await map('-e', CAPTURES, ten, '-o', 'kept.jsonl')).code).toBe(2);
    expect((await map('-e', CAPTURES, ten, '-o', 'new.jsonl')).code).toBe(2);
    expect([readFileSync(file('kept.jsonl'), 'utf8'), existsSync(file('new.jsonl'))]).toEqual(['"kept"\n', false]);
  });

  it('is none with --async, where a function that captures a variable need not travel', async () => {
    const { code, stdout } = await map('-e', CAPTURES, ten, '--async');
    expect([code, stdout]).toEqual([0, '0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n']);
  });

  it.each([
    ['an output that is the file behind stdin', 'exec "$@" < fed.jsonl', /--output fed\.jsonl is the input stdin/],
    ['a folder as stdin', 'exec "$@" < .', /Cannot read the input stdin: it is a folder/],
  ])('is told of %s, with exit code 2', async (_title, shell, message) => {
    writeFileSync(file('fed.jsonl'), '1\n');
    const { code, stderr } = await forkpool(['map', './tasks.mjs', '-o', 'fed.jsonl'], { shell });
    expect(stderr).toMatch(message);
    expect([code, readFileSync(file('fed.jsonl'), 'utf8')]).toEqual([2, '1\n']);
  });

  it.each([
    ['lock', 'yarn.lock', '# yarn lockfile v1\n'],
    ['journal', 'yarn.journal', 'Dear diary\n'],
    ['journal', 'yarn.journal', '{}'],
  ])('is told of a file that has the name of a %s, which is as it was then: %s', async (what, name, content) => {
    writeFileSync(file(name), content);
    const { code, stderr } = await map('./tasks.mjs', ten, '-o', 'yarn', '-q');
    expect([code, readFileSync(file(name), 'utf8')]).toEqual([2, content]);
    expect(stderr).toMatch(new RegExp(`Cannot write yarn: its ${what} would be .*${name}, which is something else\\.`));
    rmSync(file(name));
  });

  it.each([
    ['that is the input', ['-e', 'x => x', 'grows.jsonl'], '>> grows.jsonl', 'stdout is the input grows.jsonl'],
    ['that is stdin', ['-e', 'x => x'], '< grows.jsonl >> grows.jsonl', 'stdout is the input stdin'],
    [
      'that is the file of errors',
      ['-e', 'x => x', ten, '--errors', 'grows.jsonl'],
      '>> grows.jsonl',
      '--errors grows.jsonl is stdout as well',
    ],
  ])('is told of a stdout %s, with exit code 2', async (_title, args, redirected, message) => {
    writeFileSync(file('grows.jsonl'), '1\n');
    // Without an end, it is stopped by the bound of the file.
    const shell = `ulimit -f 64; exec "$@" ${redirected}`;
    const { code, stderr } = await forkpool(['map', '-p', '1', '-q', ...args], { shell });
    expect([code, stderr, readFileSync(file('grows.jsonl'), 'utf8')]).toEqual([2, `forkpool: ${message}\n`, '1\n']);
  });

  it('is told of an initializer that fails, with exit code 1', async () => {
    const { code, stderr } = await map(
      './tasks.mjs',
      ten,
      '--initializer',
      './tasks.mjs#fail',
      '--initargs',
      '["thrown"]',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('thrown');
  });
});

describe('what a terminal would obey', () => {
  const OBEYED = String.raw`\u001b]0;title\u0007`;

  it('is shown, not done, in a line of the input', async () => {
    const { stderr } = await forkpool(['map', '-e', 'x => x', '-p', '1'], { stdin: '\u001B]0;title\u0007\n' });
    expect(stderr).toContain(`stdin:1: expected a JSON value, got ${OBEYED} (`);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('is shown, not done, in the message of an error', async () => {
    const fn = String.raw`() => { throw new Error('\u001b]0;title\u0007') }`;
    const { stderr } = await forkpool(['map', '-e', fn, '-p', '1'], { stdin: '1\n' });
    expect(stderr).toContain(`first failure: stdin:1: Error: ${OBEYED}\n`);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
