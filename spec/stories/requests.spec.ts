import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { leavesNoChild, where } from '../helpers.js';
import { built, Program } from './helpers.js';

/** Most take a few seconds; a busy machine may need minutes. */
const LONG = 180_000;

leavesNoChild();

describe('examples/requests', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.start('requests', { args: ['2400', '3000'] });
    await program.ended();
  }, LONG);
  afterAll(() => program.remove());

  /** The figures of a row of its table: with a connection a child, and with a connection a request. */
  function row(label: string): [kept: number, opened: number] {
    const line = program.stdout.split('\n').find((text) => text.startsWith(`  ${label}  `)) ?? '';
    const [kept = NaN, opened = NaN] = [...line.matchAll(/\d+(?:\.\d+)?/g)].map(Number);
    return [kept, opened];
  }

  function figure(pattern: RegExp): number {
    return Number(pattern.exec(program.stdout)?.[1]);
  }

  it('ends with 0 and has nothing to complain of', () => {
    expect(program.stderr).toBe('');
    expect(program.exitCode).toBe(0);
  });

  it('fills its table with the texts of node_modules', () => {
    expect(figure(/(\d+) paragraphs of \d+ files/)).toBeGreaterThan(1000);
  });

  it('gets a result for each of a few thousand requests', () => {
    expect(row('requests')[0]).toBeGreaterThan(2000);
    expect(row('results')).toEqual(row('requests'));
  });

  it('never has more connections at once than children', () => {
    expect(row('connections at once')[0]).toBe(figure(/(\d+) children are ready/));
  });

  it('opens one connection a child', () => {
    expect(row('connections in all')[0]).toBe(row('children that connected')[0]);
    expect(row('connections in all')[0]).toBeGreaterThan(row('connections at once')[0]);
  });

  it('replaces children on the way', () => {
    expect(row('children replaced')[0]).toBeGreaterThanOrEqual(
      row('children that connected')[0] - row('connections at once')[0],
    );
    expect(row('children replaced')[0]).toBeGreaterThan(0);
  });

  it('takes longer with a connection for every request', () => {
    expect(row('connections in all')[1]).toBe(row('requests')[1]);
    expect(row('time a request')[1]).toBeGreaterThan(row('time a request')[0]);
  });

  it('finds all its checks to hold', () => {
    const checks = program.stdout.split('\n').filter((line) => /^[✓✗]/.test(line));
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter((line) => !line.startsWith('✓ '))).toEqual([]);
  });

  // Which one is the fastest is the machine's business; what work it is, and that a pool of some kind helps, is not.
  it('tells which pool should run its requests, and which one work that computes', () => {
    const verdicts = program.stdout.split('\n').filter((line) => /^[A-Z][\w -]+: \d+ % CPU/.test(line));
    const [, lost] = [...program.stdout.matchAll(/(\d+) % of the time was lost to other programs/g)];
    // Where other programs had the CPUs, what is left of it may look like waiting.
    const computes = Number(lost?.[1]) > 15 ? '(?:CPU-bound|Mixed)' : 'CPU-bound';
    expect(verdicts).toEqual([
      expect.stringMatching(/^IO-bound: \d+ % CPU\. (?:AsyncPool of \d+|(?:Thread)?Pool of \d+ × \d+) is \d/),
      expect.stringMatching(new RegExp(`^${computes}: \\d+ % CPU.* (?:Thread)?Pool of \\d+ is \\d`)),
    ]);
  });

  it('leaves no process behind, and no file but a page with plots for each of the two', async () => {
    const pages = [...program.stdout.matchAll(/^With plots: (.*)$/gm)].map(([, page = '']) => page);
    expect(pages.map((page) => readFileSync(page, 'utf8').slice(0, 15))).toEqual([
      '<!doctype html>',
      '<!doctype html>',
    ]);
    expect(await program.leftovers()).toEqual([basename(dirname(pages[0] ?? ''))]);
  });
});

describe('examples/requests, interrupted by Ctrl-C', () => {
  let program: Program | undefined;
  afterEach(() => program?.remove());

  it.each([
    ['while PostgreSQL starts', 'Starting PostgreSQL'],
    ['while the table is filled', 'listens on'],
    ['while children start', 'in its table'],
    ['while they send requests', 'children are ready'],
    ['while others start', 'a connection for every request'],
    ['while pools are compared', 'Which pool should run it?'],
  ])(
    '%s ends with 130 and leaves nothing behind',
    async (_when, said) => {
      program = await Program.start('requests', { args: ['400'] });
      await program.said(said);
      program.interrupt();
      await program.ended();
      expect(program.stderr).toBe('Interrupted by SIGINT\n');
      expect(program.exitCode).toBe(130);
      expect(await program.leftovers()).toEqual([]);
    },
    LONG,
  );
});

const nobody = { uid: 65534, gid: 65534 };

/** Only root can be somebody else, and only where the way to the program is open to all. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync(process.execPath, ['--check', built('requests')], { ...nobody, cwd: '/' }).status === 0;
}

where(canBeNobody(), 'only root can be somebody else, who must reach this folder').describe(
  'examples/requests, started by root as somebody else',
  () => {
    let program: Program | undefined;
    afterEach(() => program?.remove());

    it(
      'runs as an ordinary user',
      async () => {
        program = await Program.start('requests', { args: ['400', '2000'], user: nobody });
        await program.ended();
        expect(program.stderr).toBe('');
        expect(program.exitCode).toBe(0);
        expect(await program.leftovers()).toHaveLength(1);
      },
      LONG,
    );
  },
);
