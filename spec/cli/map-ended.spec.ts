import { describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { leavesNoChild, linesOf, temporaryFiles, until } from '../helpers.js';
import { insist, start, WAITING_TASK, type Ended } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(file('tasks.mjs'), WAITING_TASK);
writeFileSync(
  file('ended.mjs'),
  `import { existsSync } from 'node:fs';
   export default async (x) => {
     if (x !== 2 || existsSync('go')) return x;
     process.kill(process.pid, 'SIGTERM');
     await new Promise(() => {});
   };`,
);
const INPUT = '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n';
writeFileSync(file('ten.jsonl'), INPUT);

const forkpool = (args: readonly string[]): Promise<Ended> => start(args, { cwd: folder }).ended;

let runs = 0;

/** Of a run with files of its own, that does not begin before there is `go`. */
function fresh(module: string, ...more: readonly string[]) {
  for (const name of ['begun', 'go']) rmSync(file(name), { force: true });
  const [output, errors] = [`${++runs}.jsonl`, `${runs}.failed`];
  const files = ['--output', output, '--errors', errors, '--resume'];
  const lines = (): string[] => linesOf(file(output));
  return {
    args: ['map', module, 'ten.jsonl', '-p', '2', ...files, ...more],
    lines,
    items: () => lines().map((line) => (JSON.parse(line) as { index: number }).index),
    errors: () => readFileSync(file(errors), 'utf8'),
  };
}

/** The same command does what is left. */
async function goesOn(args: readonly string[]): Promise<void> {
  writeFileSync(file('go'), '');
  const { code, stderr } = await forkpool(args);
  expect([stderr, code]).toEqual([expect.stringContaining(' 0 failed'), 0]);
}

describe('a signal to the whole process group, as of timeout, systemd or Slurm', () => {
  it.each(['stop', 'skip', 'collect'])('lets no item fail that was running, with --on-error %s', async (how) => {
    const { args, lines, errors } = fresh('./tasks.mjs#wait', '--on-error', how);
    const { pid, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGTERM');
    const { code, stderr } = await ended;
    expect(stderr).toContain(' 0 failed, 2 not done\n');
    expect([code, lines(), errors()]).toEqual([143, [], '']);
    await goesOn(args);
    expect([`${lines().join('\n')}\n`, errors()]).toEqual([INPUT, '']);
  });

  it.each([
    ['an initializer that keeps the CPU', ['--initializer', './hangs.mjs#spin']],
    ['an initializer that waits', ['--initializer', './hangs.mjs#wait']],
    ['a module that keeps the CPU', []],
  ])('ends a run whose workers never begin: %s', async (_title, options) => {
    writeFileSync(
      file('hangs.mjs'),
      `import { appendFileSync } from 'node:fs';
       const begin = () => appendFileSync('begun', '1\\n');
       export function spin() { begin(); while (true); }
       export function wait() { begin(); return new Promise((resolve) => setTimeout(resolve, 1e9)); }
       export default (x) => x;
       if (process.send !== undefined && ${options.length === 0}) spin();`,
    );
    const { args, lines, errors } = fresh('./hangs.mjs', ...options);
    const { pid, ended } = start(args, { cwd: folder });
    await until('both workers hang', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGTERM');
    const { code, stderr } = await ended;
    expect(stderr).toContain('0 failed, 2 not done\n');
    expect(stderr).toContain('to go on, run: ');
    expect([code, lines(), errors()]).toEqual([143, [], '']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'may come twice at once, as %s from timeout or npm: what runs is finished',
    async (signal) => {
      const { args, lines } = fresh('./tasks.mjs#wait');
      const { pid, said, ended } = start(args, { cwd: folder });
      await until('two tasks run', () => linesOf(file('begun')).length === 2);
      process.kill(pid, signal);
      await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
      process.kill(pid, signal);
      writeFileSync(file('go'), '');
      const { code, stderr } = await ended;
      expect(stderr).toContain('to go on, run: ');
      expect([code, lines()]).toEqual([signal === 'SIGTERM' ? 143 : 130, ['0', '1']]);
    },
  );

  it('stops at once when it comes again later', async () => {
    const { args } = fresh('./tasks.mjs#wait');
    const run = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(run.pid, 'SIGTERM');
    await until('it says that it finishes', () => run.said().includes('finishing what runs (2 items)'));
    expect(await insist(run, 'SIGTERM')).toMatchObject({ code: 143, stderr: expect.not.stringContaining('items in') });
  });

  it('lets what runs finish when a terminal closes', async () => {
    const { args, lines, errors } = fresh('./tasks.mjs#wait', '--on-error', 'skip');
    const { pid, said, ended } = start(args, { cwd: folder });
    await until('two tasks run', () => linesOf(file('begun')).length === 2);
    process.kill(-pid, 'SIGHUP');
    await until('it says that it finishes', () => said().includes('finishing what runs (2 items)'));
    writeFileSync(file('go'), '');
    expect([(await ended).code, lines(), errors()]).toEqual([129, ['0', '1'], '']);
  });
});

describe('a worker that is ended by SIGTERM, in a run that is not', () => {
  it('is a failure of its item, which the run gets past', async () => {
    const { args, lines, errors } = fresh('./ended.mjs', '--chunksize', '1', '--on-error', 'skip');
    const { code, stderr } = await forkpool(args);
    expect(stderr).toContain(' 1 failed\n');
    expect([code, lines()]).toEqual([1, ['0', '1', '3', '4', '5', '6', '7', '8', '9']]);
    expect(errors()).toContain('"signal":"SIGTERM"');
  });

  it('holds up no other, which may be ended as well', async () => {
    writeFileSync(
      file('all.mjs'),
      `import { appendFileSync } from 'node:fs';
       export default () => {
         appendFileSync('begun', Date.now() + '\\n');
         process.kill(process.pid, 'SIGTERM');
         return new Promise(() => {});
       };`,
    );
    const { args, lines } = fresh('./all.mjs', '--chunksize', '1', '--on-error', 'collect');
    const { code } = await forkpool(args);
    expect([code, lines().length]).toEqual([1, 10]);
    // Each waits a second for a signal to the run. Were that one after another, none of the later ones came sooner after
    // the one before; the first are with the workers already.
    const later = linesOf(file('begun')).map(Number).slice(-6);
    const pauses = later.slice(1).map((at, index) => at - (later[index] as number));
    expect(pauses).toHaveLength(5);
    expect(Math.min(...pauses)).toBeLessThan(900);
  });
});
