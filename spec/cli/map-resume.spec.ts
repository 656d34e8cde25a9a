import { describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { leavesNoChild, linesOf, temporaryFiles, until } from '../helpers.js';
import { start, type Ended } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');
const ITEMS = 3000;
const KILLS = 20;

const TASKS = `import { createHash } from 'node:crypto';
  import { appendFileSync } from 'node:fs';
  export function work(x) {
    appendFileSync('ran', x + '\\n');
    let digest = Buffer.from(String(x));
    for (let round = 0; round < 100; round++) digest = createHash('sha256').update(digest).digest();
    if (x % 50 === 7) throw new RangeError('no ' + x);
    return { x, digest };
  }`;
writeFileSync(file('tasks.mjs'), TASKS);
writeFileSync(file('items.jsonl'), Array.from({ length: ITEMS }, (_, index) => `${index}\n`).join(''));

const sizeOf = (name: string): number => statSync(file(name), { throwIfNoEntry: false })?.size ?? 0;
const contentOf = (name: string): string => readFileSync(file(name), 'utf8');
const forkpool = (args: readonly string[]): Promise<Ended> => start(args, { cwd: folder }).ended;
const indexOf = (line: string): number => (JSON.parse(line) as { index: number }).index;

/** The item of a line: each is its own index. */
function itemOf(line: string): string {
  const { index, x } = JSON.parse(line) as { index?: number; x?: number };
  return String(index ?? x);
}

function argsFor(name: string, ...more: readonly string[]): string[] {
  const files = ['--output', `${name}.jsonl`, '--errors', `${name}.failed.jsonl`];
  return ['map', './tasks.mjs#work', 'items.jsonl', '-p', '2', '--on-error', 'collect', '--quiet', ...files, ...more];
}

describe.each([
  ['in the order of the input', []],
  ['--unordered', ['--unordered']],
])('a run %s', (title, how) => {
  const name = title.startsWith('--') ? 'unordered' : 'ordered';

  it(`that is killed at ${KILLS} random moments has the output of one that was not`, async () => {
    await forkpool(argsFor('calm', ...how));
    const expected = contentOf('calm.jsonl');
    const args = argsFor(name, ...how, '--resume');
    const twice: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const before = sizeOf(`${name}.jsonl`);
      const left = Math.max(0, expected.length - before);
      // Sometimes at the very beginning; the rest is shared out, so that no run ends by itself.
      const more = kill % 5 === 0 ? 0 : Math.random() * (left / (KILLS - kill + 1)) * 1.5;
      const { pid, ended } = start(args, { cwd: folder });
      let isOver = false;
      void ended.then(() => (isOver = true));
      await until('more is written', () => isOver || sizeOf(`${name}.jsonl`) > before + more);
      if (!isOver) process.kill(pid, 'SIGKILL');
      await ended;
      // What was written then must not run again. Children may still say that they ran what was in flight.
      const written = linesOf(file(`${name}.jsonl`)).map(itemOf);
      const ran = linesOf(file('ran')).length;
      twice.push(...(await ranAgain(written, ran, kill)));
    }
    const { code } = await forkpool(args);
    expect(code).toBe(1);
    expect(twice).toEqual([]);
    const lines = contentOf(`${name}.jsonl`);
    if (name === 'ordered') expect(lines).toBe(expected);
    else expect(linesOf(file('unordered.jsonl')).toSorted()).toEqual(expected.split('\n').slice(0, -1).toSorted());
    const failed = linesOf(file(`${name}.failed.jsonl`)).map(indexOf);
    expect(failed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ITEMS / 50 }, (_, at) => 50 * at + 7));
    // The command starts a good twenty times.
  }, 120_000);

  /** Written before the kill, and run after it: looked at once the next run has begun to write. */
  const known: { readonly written: ReadonlySet<string>; readonly ran: number }[] = [];
  async function ranAgain(written: readonly string[], ran: number, kill: number): Promise<string[]> {
    known.push({ written: new Set(written), ran });
    const last = known[kill - 1];
    if (last === undefined) return [];
    return linesOf(file('ran'))
      .slice(last.ran)
      .filter((item) => last.written.has(item));
  }
});

/** What a journal says up to where its run went on last was on the disk before any file was changed: no crash takes that. */
function sizeOfSynced(name: string): number {
  if (!name.endsWith('.journal')) return 0;
  const text = contentOf(name);
  return text.indexOf('\n', text.lastIndexOf('{"is":"cut"')) + 1;
}

describe('a finished run', () => {
  it('is whole again, after its output or its journal was cut anywhere', async () => {
    rmSync(file('ran'));
    const expected = contentOf('ordered.jsonl');
    const args = argsFor('ordered', '--resume');
    for (const name of ['ordered.jsonl', 'ordered.jsonl.journal', 'ordered.jsonl', 'ordered.jsonl.journal']) {
      const stays = sizeOfSynced(name);
      truncateSync(file(name), stays + Math.floor(Math.random() * (sizeOf(name) - stays)));
      const { stderr } = await forkpool(args);
      expect(stderr).not.toContain('Cannot resume');
      expect(contentOf('ordered.jsonl')).toBe(expected);
      expect(linesOf(file('ordered.failed.jsonl'))).toHaveLength(ITEMS / 50);
    }
  });

  it('is refused, with its output as it was, after its file of errors was moved away', async () => {
    const [output, errors] = ['ordered.jsonl', 'ordered.failed.jsonl'].map(contentOf);
    rmSync(file('ordered.failed.jsonl'));
    const { code, stderr } = await forkpool(argsFor('ordered', '--resume'));
    expect(stderr).toContain('Cannot resume: ordered.failed.jsonl is not as its last run left it');
    expect([code, contentOf('ordered.jsonl')]).toEqual([2, output]);
    writeFileSync(file('ordered.failed.jsonl'), errors ?? '');
  });

  it('is whole again or refused, and never anything else, after its journal has lost what was synced', async () => {
    const names = ['ordered.jsonl', 'ordered.failed.jsonl', 'ordered.jsonl.journal'];
    const before = names.map((name) => contentOf(name));
    const [expected = '', , journal = ''] = before;
    for (let times = 0; times < 3; times++) {
      truncateSync(file('ordered.jsonl.journal'), Math.floor(Math.random() * journal.lastIndexOf('{"is":"cut"')));
      const { code, stderr } = await forkpool(argsFor('ordered', '--resume'));
      expect([code, stderr.includes('Cannot resume')]).toEqual(code === 2 ? [2, true] : [1, false]);
      expect(contentOf('ordered.jsonl')).toBe(expected);
      names.forEach((name, at) => writeFileSync(file(name), before[at] ?? ''));
    }
  });

  it('has nothing left to do, and goes on when the input has grown', async () => {
    rmSync(file('ran'));
    await forkpool(argsFor('ordered', '--resume'));
    expect(linesOf(file('ran'))).toEqual([]);
    writeFileSync(file('items.jsonl'), `${ITEMS}\n`, { flag: 'a' });
    await forkpool(argsFor('ordered', '--resume'));
    expect(linesOf(file('ran'))).toEqual([String(ITEMS)]);
    expect(linesOf(file('ordered.jsonl'))).toHaveLength(ITEMS + 1);
  });
});

describe('a resume', () => {
  const refused = async (args: readonly string[], reason: RegExp): Promise<void> => {
    const before = contentOf('ordered.jsonl');
    const { code, stderr } = await forkpool(args);
    expect(stderr).toMatch(reason);
    expect([code, contentOf('ordered.jsonl')]).toEqual([2, before]);
  };

  it('is refused when what was done of the input has changed', async () => {
    const items = contentOf('items.jsonl');
    writeFileSync(file('items.jsonl'), items.replace('\n7\n', '\n8\n'));
    await refused(
      argsFor('ordered', '--resume'),
      /Cannot resume: the first 3001 items of the input are not what they were/,
    );
    writeFileSync(file('items.jsonl'), items.slice(0, 1000));
    await refused(argsFor('ordered', '--resume'), /Cannot resume: the input has \d+ items now/);
    writeFileSync(file('items.jsonl'), items);
  });

  it('is refused when the module has changed', async () => {
    writeFileSync(file('tasks.mjs'), `${TASKS}\n// better now`);
    await refused(argsFor('ordered', '--resume'), /the function or its module is not what the run began with/);
    writeFileSync(file('tasks.mjs'), TASKS);
  });

  it.each([
    [['--unordered'], '--unordered is'],
    [['--shard', '1/2'], '--shard is'],
    [['--async'], '--async is'],
    [['--lines'], 'the format of the input is'],
    [['--errors', 'elsewhere.jsonl'], '--errors is'],
    [['--env', 'A=1', '--on-error', 'skip'], '--env and --on-error are'],
    [['--initializer', './tasks.mjs#work', '--initargs', '[1]'], 'the initializer or its module and --initargs are'],
  ])('is refused with %j, which would make another output', async (more, what) => {
    await refused(
      argsFor('ordered', '--resume', ...more),
      new RegExp(`Cannot resume: ${what} not what the run began with`),
    );
  });

  it('is not refused with the same arguments, which the journal does not show', async () => {
    writeFileSync(file('secret.mjs'), 'export const connect = () => {};');
    const secrets = ['--initializer', './secret.mjs#connect', '--initargs', '[-0,"swordfish"]', '--env', 'KEY=sesame'];
    const args = ['map', '-e', 'x => x', 'items.jsonl', '-p', '1', '-q', '-o', 'secret.jsonl', ...secrets, '--resume'];
    expect(await forkpool(args)).toMatchObject({ code: 0, stderr: '' });
    expect(contentOf('secret.jsonl.journal')).not.toMatch(/swordfish|sesame/);
    expect(await forkpool(args)).toMatchObject({ code: 0, stderr: '' });
    for (const secret of ['swordfish', 'sesame']) {
      const { code, stderr } = await forkpool(args.map((word) => word.replace(secret, 'other')));
      expect([code, stderr]).toEqual([2, expect.stringMatching(/--(?:initargs|env) is not what the run began with/)]);
    }
  });

  it('is not refused for options that say how fast it is', async () => {
    const { code } = await forkpool(argsFor('ordered', '--resume', '--threads', '--timeout', '5m', '--chunksize', '3'));
    expect(code).toBe(1);
  });

  it('is refused with another function of -e', async () => {
    const args = (fn: string): string[] => [
      'map',
      '-e',
      fn,
      'items.jsonl',
      '-p',
      '2',
      '-q',
      '-o',
      'eval.jsonl',
      '--resume',
    ];
    expect((await forkpool(args('x => x'))).code).toBe(0);
    expect((await forkpool(args('x => x'))).code).toBe(0);
    const { code, stderr } = await forkpool(args('x => -x'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('the function or its module is not what')]);
  });

  it('runs an item again that has stopped the run, whose failure counts no more', async () => {
    writeFileSync(
      file('once.mjs'),
      `import { existsSync } from 'node:fs';
       export default (x) => { if (x === 3 && !existsSync('cured')) throw new Error('ill'); return x; };`,
    );
    const args = [
      'map',
      './once.mjs',
      'items.jsonl',
      '-p',
      '2',
      '-q',
      '-o',
      'once.jsonl',
      '--errors',
      'once.failed',
      '--resume',
    ];
    const stopped = await forkpool(args);
    expect([stopped.code, linesOf(file('once.jsonl'))]).toEqual([1, ['0', '1', '2']]);
    expect(linesOf(file('once.failed')).map(indexOf)).toEqual([3]);
    writeFileSync(file('cured'), '');
    expect((await forkpool(args)).code).toBe(0);
    expect(contentOf('once.jsonl')).toBe(contentOf('items.jsonl'));
    expect(contentOf('once.failed')).toBe('');
  });

  it.each([
    ['without --errors', 'skip', []],
    ['without --errors', 'collect', []],
    ['with --errors to a device', 'skip', ['--errors', '/dev/null']],
  ])('runs nothing again behind an item that has failed, %s and with %s', async (_title, how, errors) => {
    const args = ['map', './tasks.mjs#work', 'items.jsonl', '-p', '2', '-q', '-o', 'kept.jsonl', '--on-error', how];
    expect((await forkpool([...args, ...errors])).code).toBe(1);
    const before = contentOf('kept.jsonl');
    rmSync(file('ran'));
    expect((await forkpool([...args, ...errors, '--resume'])).code).toBe(1);
    expect([linesOf(file('ran')), contentOf('kept.jsonl')]).toEqual([[], before]);
  });

  it.each([
    ['in place of its last line end', (text: string) => `${text.slice(0, -1)} `],
    ['behind its lines', (text: string) => `${text}"mine"\n`],
  ])('is refused where somebody else has written to the output since, %s', async (_title, change) => {
    const args = ['map', '-e', 'x => x', 'items.jsonl', '-p', '2', '-q', '-o', 'touched.jsonl'];
    expect((await forkpool(args)).code).toBe(0);
    writeFileSync(file('touched.jsonl'), change(contentOf('touched.jsonl')));
    await refused([...args, '--resume'], /touched\.jsonl is not as its last run left it/);
  });

  it('goes on by another name of the output', async () => {
    const args = (name: string): string[] => ['map', '-e', 'x => x', 'items.jsonl', '-p', '2', '-o', name];
    expect((await forkpool(args('named.jsonl'))).code).toBe(0);
    symlinkSync(file('named.jsonl'), file('link.jsonl'));
    const { code, stderr } = await forkpool([...args('link.jsonl'), '--resume']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^0 items in .*, 3,00\d were done before/)]);
  });

  it('is refused without a journal, and with something else in its place', async () => {
    const journal = contentOf('ordered.jsonl.journal');
    writeFileSync(file('ordered.jsonl.journal'), 'my diary\n');
    await refused(argsFor('ordered', '--resume'), /ordered\.jsonl\.journal is not a journal/);
    rmSync(file('ordered.jsonl.journal'));
    await refused(argsFor('ordered', '--resume'), /there is no journal ordered\.jsonl\.journal/);
    writeFileSync(file('ordered.jsonl.journal'), journal);
  });
});
