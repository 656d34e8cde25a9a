import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as forkpool from 'forkpool';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { leavesNoChild } from '../helpers.js';
import { questions } from '#bench/questions.js';
import { wanted } from '#bench/summary.js';
import { codesIn, outputOf, pattern, programsOf, read, root, sectionOf, tableWith, typeErrorsOf } from './helpers.js';

leavesNoChild();

const readme = read('README.md');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  engines: { node: string };
  scripts: Record<string, string>;
};

interface Server {
  readonly address: { host: string; port: number; user: string; password: string; database: string };
  stop(): Promise<void>;
}

describe('README.md', () => {
  let server: Server;
  /** By these `pg` finds the database when a program names none. */
  const env: Record<string, string> = {};

  beforeAll(async () => {
    const postgres = pathToFileURL(join(root, 'dist/examples/postgres.js')).href;
    const { startPostgres } = (await import(postgres)) as { startPostgres(): Promise<Server> };
    server = await startPostgres();
    for (const [name, value] of Object.entries(server.address)) env[`PG${name.toUpperCase()}`] = String(value);
  }, 60_000);
  afterAll(() => server?.stop());

  it.each(programsOf(readme))('shows what $main prints (line $line)', async (shown) => {
    expect(await outputOf(shown, env)).toMatch(pattern(shown.output));
  });

  it('shows code that compiles', async () => {
    expect(await typeErrorsOf(readme)).toBe('');
  });

  it('names commands that package.json has', () => {
    const commands = [...readme.matchAll(/npm (?:run )?(start|test|[a-z:]+(?= --|[ `]|$))/gm)].map(
      ([, name = '']) => name,
    );
    expect(commands).toContain('start');
    const own = commands.filter((name) => !['ci', 'install'].includes(name));
    expect(own.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  });

  it('names every dependency', () => {
    const named = [...readme.matchAll(/npmjs\.com\/package\/([\w-]+)/g)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
  });

  it('names the versions of Node that package.json does', () => {
    const named = [...readme.matchAll(/Node (\d+\.\d+), (\d+\.\d+), (\d+) or later/g)];
    expect(named).toHaveLength(2);
    for (const [, ...versions] of named) {
      expect(manifest.engines.node).toBe(`^${versions[0]}.0 || ^${versions[1]}.0 || >=${versions[2]}`);
    }
  });

  it('has every error class in its table, with its codes', () => {
    const classes = Object.entries(forkpool).filter(([, value]) => isErrorClass(value));
    const rows = tableWith(readme, 'class', 'code', 'when').map(({ class: name = '' }) => codesIn(name)[0]);
    expect(rows.toSorted()).toEqual(classes.map(([name]) => name).toSorted());
  });
});

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype instanceof Error;
}

describe('the table of performance', () => {
  const rows = tableWith(sectionOf(readme, 'Performance'), 'work', 'goal', 'forkpool', 'against', 'ratio', 'no pool');
  const numberIn = (text: string): number => Number(/\d[\d,.]*/.exec(text)?.[0].replaceAll(',', ''));

  it('has every goal of the bench, lost ones too', () => {
    const goals = questions.flatMap(({ title, variants }) =>
      variants.flatMap(({ name, goals: all }) =>
        all.map((goal) => [name === '' ? title : `${title}: ${name}`, wanted(goal)]),
      ),
    );
    expect(rows.map(({ work, goal }) => [work, goal])).toEqual(goals);
  });

  /** What a figure may be said to be: one that is shown as the bound itself may have missed it by less than is shown. */
  const verdictsOn = (goal: string, figure: number): ('met' | 'MISSED')[] => {
    const [, sign, text = ''] = /([≥≤]) ([\d.,]+)/.exec(goal) ?? [];
    const bound = numberIn(text);
    if (figure === bound) return ['met', 'MISSED'];
    return (sign === '≥' ? figure > bound : figure < bound) ? ['met'] : ['MISSED'];
  };

  it.each(rows.map((row) => [row['work'], row['goal'], row]))('says whether %s reaches %s', (_work, _goal, row) => {
    const {
      goal = '',
      forkpool: ours = '',
      ratio = '',
      'no pool': bare = '',
      '': told = '',
    } = row as Record<string, string>;
    const [verdict, too] = told.split(', ');
    expect(verdictsOn(goal, numberIn(ratio === '' ? ours : ratio))).toContain(verdict);
    if (verdict === 'met' || bare === '') expect(too).toBeUndefined();
    else expect(verdictsOn(goal, numberIn(bare))).toContain(too === 'no pool too' ? 'MISSED' : 'met');
  });

  it('has its two plots', () => {
    const plots = [...sectionOf(readme, 'Performance').matchAll(/\]\((docs\/plots\/\w+\.svg)\)/g)].map(
      ([, path = '']) => path,
    );
    expect(plots.map((path) => readFileSync(join(root, path), 'utf8').slice(0, 4))).toEqual(['<svg', '<svg']);
  });
});
