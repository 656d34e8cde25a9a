import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { leavesNoChild } from '../helpers.js';
import { built, Program } from './helpers.js';

const MINUTE = 60_000;

leavesNoChild();

describe('examples/requests', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.run('requests');
  }, MINUTE);
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

  it('ends with what kind of work it was, and which pool should run it', () => {
    const [requests = '', texts = ''] = program.stdout
      .split('\n')
      .filter((line) => /^(?:The requests|A CPU job)/.test(line));
    expect(requests).toMatch(/^The requests: (?:IO-bound|mixed|CPU-bound)$/);
    expect(texts).toMatch(/: CPU-bound$/);
    expect(program.stdout.match(/^ {2}\S.*: \d+ % CPU.*one at a time.*$/gm)).toHaveLength(2);
  });

  it('leaves no process behind, and no file but the two reports', async () => {
    const reports = [...program.stdout.matchAll(/^ {2}Report: (.*)$/gm)].map(([, path = '']) => path);
    expect(reports).toHaveLength(2);
    for (const report of reports) expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>/);
    expect(await program.leftovers()).toEqual([basename(dirname(reports[0] ?? ''))]);
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
    MINUTE,
  );
});

const nobody = { uid: 65534, gid: 65534 };

/** Only root can be somebody else, and only where the way to the program is open to all. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync(process.execPath, ['--check', built('requests')], { ...nobody, cwd: '/' }).status === 0;
}

(canBeNobody() ? describe : describe.skip)('examples/requests, started by root as somebody else', () => {
  let program: Program | undefined;
  afterEach(() => program?.remove());

  it(
    'runs as an ordinary user',
    async () => {
      program = await Program.run('requests', { args: ['400'], user: nobody });
      expect(program.stderr).toBe('');
      expect(program.exitCode).toBe(0);
      expect(await program.leftovers()).toHaveLength(1);
    },
    MINUTE,
  );
});
