import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { AsyncResult, Pool } from 'forkpool';
import { leavesNoChild, where } from '../helpers.js';
import { outputOf, pattern, programsOf, read, typeErrorsOf } from './helpers.js';

leavesNoChild();

const page = read('docs/coming-from-python.md');
const hasPython = spawnSync('python3', ['--version']).status === 0;
const programs = programsOf(page);

describe('docs/coming-from-python.md', () => {
  it.each(programs.filter(({ main }) => main.endsWith('.js')))(
    'shows what $main prints (line $line)',
    async (shown) => {
      expect(await outputOf(shown)).toMatch(pattern(shown.output));
    },
  );

  for (const shown of programs.filter(({ main }) => main.endsWith('.py'))) {
    where(hasPython, 'there is no python3').it(
      `shows what ${shown.main} prints in Python (line ${shown.line})`,
      async () => {
        expect(await outputOf(shown)).toMatch(pattern(shown.output));
      },
    );
  }

  it('shows code that compiles', async () => {
    expect(await typeErrorsOf(page)).toBe('');
  });

  it.each([
    ['Pool', Pool],
    ['AsyncResult', AsyncResult],
  ])('names every method of %s', (_, { prototype }) => {
    const ofPromises = new Set(['constructor', 'then', 'catch', 'finally']);
    const names = Object.getOwnPropertyNames(prototype).filter((name) => !ofPromises.has(name));
    expect(names.filter((name) => !new RegExp(String.raw`\.${name}(?!\w)`).test(page))).toEqual([]);
  });

  it.each(
    'apply apply_async map map_async starmap starmap_async imap imap_unordered close terminate join get wait ready successful'.split(
      ' ',
    ),
  )('names %s of Python, and its name here', (name) => {
    const here = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const isCalled = (cell: string | undefined, method: string): boolean =>
      new RegExp(String.raw`\.${method}\(`).test(cell ?? '');
    expect(
      rows
        .map((row) => row.split(/(?<!\\)\|/))
        .some(
          ([, python, ours]) => isCalled(python, name) && (isCalled(ours, here) || ours?.includes('`await result`')),
        ),
    ).toBe(true);
  });
});
