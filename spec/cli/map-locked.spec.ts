import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { leavesNoChild, linesOf, temporaryFiles, until, withFifo } from '../helpers.js';
import { insist, start, WAITING_TASK, type Ended, type Started, type Surroundings } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

writeFileSync(
  file('tasks.mjs'),
  `${WAITING_TASK} export function initialise() { appendFileSync('initialised', process.pid + '\\n'); }`,
);
writeFileSync(file('four.jsonl'), '0\n1\n2\n3\n');

const FOUR = ['0', '1', '2', '3'];
const args = (...more: readonly string[]): string[] => [
  'map',
  './tasks.mjs#wait',
  'four.jsonl',
  '-p',
  '2',
  '-q',
  ...more,
];
const forkpool = (all: readonly string[], given: Partial<Surroundings> = {}): Promise<Ended> =>
  start(all, { cwd: folder, ...given }).ended;

beforeEach(() => {
  for (const name of ['begun', 'go', 'out.jsonl', 'out.jsonl.journal', 'initialised'])
    rmSync(file(name), { force: true });
});

// Whatever came of it, no run waits on.
afterEach(() => writeFileSync(file('go'), ''));

/** A run whose tasks wait for `go`. */
async function running(...more: readonly string[]): Promise<Started> {
  const run = start(args(...more), { cwd: folder });
  await until('two tasks run', () => linesOf(file('begun')).length === 2);
  return run;
}

async function goOn({ ended }: Started): Promise<void> {
  writeFileSync(file('go'), '');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
}

describe('an output that a run writes to', () => {
  it.each([[[]], [['--resume']], [['--unordered']]])('is refused to another, with %j too', async (how) => {
    const first = await running('-o', 'out.jsonl');
    const journal = readFileSync(file('out.jsonl.journal'), 'utf8');
    const second = await forkpool(args('-o', 'out.jsonl', '--initializer', './tasks.mjs#initialise', ...how));
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(
      `forkpool: Cannot write out.jsonl: another run writes to it, process ${first.pid}. Wait for its end, or end it (kill ${first.pid}) and go on with --resume.`,
    );
    // It has touched nothing, and no worker of it has run.
    expect(readFileSync(file('out.jsonl.journal'), 'utf8')).toBe(journal);
    expect([linesOf(file('begun')).length, existsSync(file('initialised'))]).toEqual([2, false]);
    await goOn(first);
    expect(linesOf(file('out.jsonl'))).toEqual(FOUR);
    expect(existsSync(file('out.jsonl.lock'))).toBe(false);
  });

  it('is the same one by another name', async () => {
    const first = await running('-o', 'out.jsonl');
    symlinkSync('out.jsonl', file('link.jsonl'));
    const second = await forkpool(args('-o', 'link.jsonl'));
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining(`process ${first.pid}`)]);
    await goOn(first);
  });

  it('may be the file of errors alone', async () => {
    const first = await running('--errors', 'failed.jsonl');
    const second = await forkpool(args('-o', 'out.jsonl', '--errors', 'failed.jsonl'));
    expect([second.code, second.stderr]).toEqual([
      2,
      expect.stringContaining('Cannot write failed.jsonl: another run'),
    ]);
    await goOn(first);
    expect(existsSync(file('out.jsonl.lock'))).toBe(false);
  });

  it('is free when the run was killed, and another goes on with it', async () => {
    const killed = await running('-o', 'out.jsonl');
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    expect(JSON.parse(readFileSync(file('out.jsonl.lock'), 'utf8'))).toMatchObject({ pid: killed.pid });
    writeFileSync(file('go'), '');
    expect(await forkpool(args('-o', 'out.jsonl', '--resume'))).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(file('out.jsonl'))).toEqual(FOUR);
    expect(existsSync(file('out.jsonl.lock'))).toBe(false);
  });

  it('is free when the run was stopped at once, by a second Ctrl-C', async () => {
    const stopped = await running('-o', 'out.jsonl');
    process.kill(-stopped.pid, 'SIGINT');
    await until('it says that it finishes', () => stopped.said().includes('finishing what runs'));
    expect((await insist(stopped, 'SIGINT')).code).toBe(130);
    expect(existsSync(file('out.jsonl.lock'))).toBe(false);
  });

  withFifo.it('may be a pipe, whose reader has all of it', async () => {
    writeFileSync(file('go'), '');
    const shell = 'mkfifo pipe; cat pipe & "$@"; code=$?; wait; exit $code';
    const { code, stdout } = await forkpool(args('-o', 'pipe'), { shell });
    expect([code, stdout]).toEqual([0, '0\n1\n2\n3\n']);
  });
});
