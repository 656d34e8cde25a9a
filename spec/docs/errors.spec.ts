import { describe, expect, it } from '@jest/globals';
import * as forkpool from 'forkpool';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leavesNoChild } from '../helpers.js';
import { codesIn, outputOf, pattern, programsOf, read, root, sectionOf, tableWith, typeErrorsOf } from './helpers.js';

leavesNoChild();

const page = read('docs/errors.md');
const readme = read('README.md');
const source = read('lib/errors.ts');

type ErrorClass = new (...args: unknown[]) => Error & { readonly code: string };

const classes = Object.entries(forkpool).filter(
  (entry): entry is [string, ErrorClass & (typeof entry)[1]] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof Error,
);

/** Those that have one code of their own: an instance says which, whatever it is made of. */
const coded = classes
  .filter(([name]) => name !== 'PoolError')
  .map(([name, Class]) => {
    const error = new Class({ stderr: [] });
    const carries = Object.keys(error).filter((key) => !['name', 'code'].includes(key));
    return { name, code: error.code, carries };
  });

/** Codes that the library raises as its own, wherever that is; the one left out is Node's. */
const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const raised = sources
  .flatMap((path) => read(join('lib', path)).match(/'ERR_[A-Z_]+'/g) ?? [])
  .map((text) => text.slice(1, -1))
  // Those that are Node's.
  .filter((code) => !['ERR_WORKER_OUT_OF_MEMORY', 'ERR_STREAM_DESTROYED'].includes(code));

describe('docs/errors.md', () => {
  it.each(programsOf(page))('shows what $main prints (line $line)', async (shown) => {
    expect(await outputOf(shown)).toMatch(pattern(shown.output));
  });

  it('shows code that compiles', async () => {
    expect(await typeErrorsOf(page)).toBe('');
  });

  it.each(coded)('has a section for $name, with its code $code and all it carries', ({ name, code, carries }) => {
    const section = codesIn(sectionOf(page, name));
    expect(section[0]).toBe(code);
    expect(carries.filter((property) => !section.includes(property))).toEqual([]);
  });

  it('has a section for the base of all, with its codes', () => {
    const table = tableWith(sectionOf(page, 'PoolError'), 'code', 'when', 'what to do');
    const bare = raised.filter((code) => !coded.some((error) => error.code === code));
    expect(table.flatMap(({ code = '' }) => codesIn(code)).toSorted()).toEqual([...new Set(bare)].toSorted());
  });

  it('has a section for no other class', () => {
    const titles = [...page.matchAll(/^## (\w+Error)$/gm)].map(([, title]) => title);
    expect(titles.toSorted()).toEqual(classes.map(([name]) => name).toSorted());
  });

  it('says what a WorkerLostError has, and no more', () => {
    const table = tableWith(sectionOf(page, 'WorkerLostError'), 'property', 'what it holds');
    const declared = /interface WorkerEnd \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
    const properties = [...declared.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name);
    expect(table.flatMap(({ property = '' }) => codesIn(property)).toSorted()).toEqual(
      [...properties, 'suspects'].toSorted(),
    );
  });

  it('names every direction of a SerializationError', () => {
    const [declared = ''] = /type Direction = .*;/.exec(source) ?? [];
    const directions = [...declared.matchAll(/'\w+'/g)].map(([text]) => text);
    expect(directions.length).toBeGreaterThan(0);
    expect(directions.filter((text) => !sectionOf(page, 'SerializationError').includes(`\`${text}\``))).toEqual([]);
  });
});

describe('the table of errors in README.md', () => {
  const table = tableWith(readme, 'class', 'code', 'when');

  it.each(coded)('has $name with its code $code', ({ name, code }) => {
    const row = table.find((one) => codesIn(one['class'] ?? '')[0] === name);
    expect(codesIn(row?.['code'] ?? '')).toEqual([code]);
  });

  it('has every code that the library raises, and no other', () => {
    const told = table.flatMap(({ code = '' }) => codesIn(code));
    expect(told.toSorted()).toEqual([...new Set(raised)].toSorted());
  });
});
