import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { childrenOf, leavesNoChild, linesOf, range, temporaryFiles, until, where } from '../helpers.js';
import { jsonLines, start, WAITING_TASK, type Ended, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');
const INJECTED = 'strace -f -qq -o /dev/null -e trace=read,pread64 -e inject=read,pread64:error=EIO:when=3+';
const canInject = spawnSync('bash', ['-c', `${INJECTED} -P /no/such/file true`]).status === 0;

writeFileSync(
  file('tasks.mjs'),
  `${WAITING_TASK} export const same = (x) => x;
  export const odd = () => { throw new Error('odd') };`,
);

const forkpool = (args: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(args, { cwd: folder, ...given }).ended;

describe('the input of forkpool map', () => {
  const same = ['./tasks.mjs#same', '--quiet'];

  it('is JSON lines from stdin; empty ones are skipped, and the last need not end', async () => {
    const { stdout } = await forkpool(['map', ...same], { stdin: '{"a":1}\r\n\n  \n"text"\nnull' });
    expect(stdout).toBe('{"a":1}\n"text"\nnull\n');
  });

  it('is refused as CSV with two columns of one name, of which an item would have but one', async () => {
    const { code, stdout, stderr } = await forkpool(['map', ...same, '--csv'], { stdin: 'a,b,a\n1,2,3\n' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('stdin:1: two columns are called `a`');
  });

  it.each([['--lines'], ['--csv'], ['--nul']])('is refused in UTF-16, with %s', async (format) => {
    const text = Buffer.from('\uFEFFa,b\r\n1,2\r\n', 'utf16le');
    for (const bytes of [text, Buffer.from(text).swap16()]) {
      writeFileSync(file('utf16.csv'), bytes);
      const { code, stdout, stderr } = await forkpool(['map', ...same, 'utf16.csv', format]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Cannot read the input utf16.csv:1: it is UTF-16, and UTF-8 is expected');
    }
  });

  it.each([
    ['lines of text', ['--lines'], 'one\r\n\n{"two"\n', '"one"\n"{\\"two\\""\n'],
    ['texts that end with NUL', ['--nul'], 'one\0t\nwo\0\0three', '"one"\n"t\\nwo"\n"three"\n'],
    [
      'CSV with headers',
      ['--csv'],
      '\uFEFFname,size\n"a, b",1\n"two\nlines",2\n',
      '{"name":"a, b","size":"1"}\n{"name":"two\\nlines","size":"2"}\n',
    ],
  ])('may be %s', async (_title, args, stdin, expected) => {
    const { code, stdout, stderr } = await forkpool(['map', ...same, ...args], { stdin });
    expect([code, stdout, stderr]).toEqual([0, expected, '']);
  });

  it.each([
    ['--lines', ' \r\n\n\t\na', '" "\n"\\t"\n"a"\n'],
    ['--nul', ' \0a\0\n\0\0', '" "\n"a"\n"\\n"\n'],
  ])('with %s keeps texts of white space alone, and skips empty ones', async (format, stdin, expected) => {
    const { stdout } = await forkpool(['map', ...same, format], { stdin });
    expect(stdout).toBe(expected);
  });

  it('comes from files, globs and stdin, one after another', async () => {
    mkdirSync(file('parts'), { recursive: true });
    for (const name of ['b', 'a', 'c[1]']) writeFileSync(file(`parts/${name}.jsonl`), `"${name}"\n`);
    const names = ['--input', 'parts/c[1].jsonl', 'parts/[ab].jsonl', '-', 'parts/a.jsonl'];
    const { stdout } = await forkpool(['map', ...same, ...names], { stdin: '"stdin"' });
    expect(jsonLines(stdout)).toEqual(['c[1]', 'a', 'b', 'stdin', 'a']);
  });

  describe('that a glob finds', () => {
    const args = ['map', './tasks.mjs#same', 'here/*', '-o', 'here/done.jsonl', '--errors', 'here/failed.jsonl', '-q'];
    const begin = (): void => {
      rmSync(file('here'), { recursive: true, force: true });
      mkdirSync(file('here'));
      writeFileSync(file('here/a.jsonl'), '"a"\n');
    };

    it('is without what an earlier run with the same output has written', async () => {
      begin();
      const first = await forkpool(args);
      writeFileSync(file('here/done.jsonl.lock'), '{"pid":99999999}');
      writeFileSync(file('here/b.jsonl'), '"b"\n');
      const second = await forkpool([...args, '--resume']);
      expect([first.code, second.code, second.stderr]).toEqual([0, 0, '']);
      expect(readFileSync(file('here/done.jsonl'), 'utf8')).toBe('"a"\n"b"\n');
    });

    it('is without its errors, where another is called without --errors', async () => {
      begin();
      const failing = [...args.map((word) => word.replace('#same', '#odd')), '--on-error', 'skip'];
      expect((await forkpool(failing)).code).toBe(1);
      const { code, stderr } = await forkpool(
        failing.filter((word) => word !== '--errors' && !word.includes('failed')),
      );
      expect([code, stderr]).toEqual([1, 'forkpool: 1 item failed\n']);
    });

    it('is not written over where no run has written it', async () => {
      begin();
      writeFileSync(file('here/done.jsonl'), '"mine"\n');
      const { code, stderr } = await forkpool(args);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('--output here/done.jsonl is the input here/done.jsonl'),
      ]);
      rmSync(file('here/done.jsonl'));
      expect((await forkpool(args)).code).toBe(0);
      const other = args.map((word) => word.replace('failed', 'a'));
      expect((await forkpool(other)).stderr).toContain('--errors here/a.jsonl is the input here/a.jsonl');
      expect(readFileSync(file('here/a.jsonl'), 'utf8')).toBe('"a"\n');
    });

    it('is what was named, though an earlier run has written it', async () => {
      begin();
      await forkpool(args);
      const { code, stderr } = await forkpool([...args, 'here/done.jsonl']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--output here/done.jsonl is the input')]);
    });
  });

  it('is read no further than the work is', async () => {
    const { pid, said, child, ended } = start(['map', './tasks.mjs#wait', '--lines', '-p', '1'], {
      cwd: folder,
      shell: 'seq 10000000 | { "$@"; }',
    });
    await until('a task runs', () => linesOf(file('begun')).length === 1);
    // What `seq` could write is what the pipe holds, and what the command has taken of it.
    const seq = childrenOf(pid).find((one) => readFileSync(`/proc/${one}/comm`, 'utf8') === 'seq\n') ?? 0;
    const written = (): number => Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${seq}/io`, 'utf8'))?.[1]);
    let last = -1;
    await until('seq waits', async () => {
      const before = last;
      last = written();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return before === last;
    });
    expect(last).toBeLessThan(2_000_000);
    process.kill(-pid, 'SIGKILL');
    await ended.catch(() => {});
    expect([child.killed, said()]).toEqual([false, '']);
  });

  it('that turns out to be a folder among files is told of before anything runs', async () => {
    writeFileSync(file('one.jsonl'), '1\n');
    mkdirSync(file('folder'));
    const { code, stdout, stderr } = await forkpool(['map', ...same, 'one.jsonl', 'folder']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('forkpool: Cannot read the input folder: it is a folder');
  });

  const injecting = where(canInject, 'strace cannot make reading fail');

  injecting.it('that breaks off has what stands before it run and written, with exit code 2', async () => {
    const total = 100_000;
    writeFileSync(
      file('broken.txt'),
      range(total)
        .map((line) => `line ${line}\n`)
        .join(''),
    );
    const { code, stderr } = await forkpool(['map', ...same, '--lines', 'broken.txt', '-o', 'before.jsonl'], {
      shell: `exec ${INJECTED} -P "$PWD/broken.txt" "$@"`,
    });
    expect(code).toBe(2);
    const [, line] = /forkpool: Cannot read the input broken\.txt:(\d+): EIO: /.exec(stderr) ?? [];
    const before = Number(line) - 1;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(total);
    expect(linesOf(file('before.jsonl'))).toEqual(range(before).map((at) => `"line ${at}"`));
  });
});
