import { afterAll, describe, expect, it } from '@jest/globals';
import { AsyncPool } from 'forkpool';
import { leavesNoChild } from '../helpers.js';
import { codesIn, outputOf, pattern, programsOf, read, sectionOf, tableWith, typeErrorsOf } from './helpers.js';

leavesNoChild();

const guide = read('docs/guide.md');

describe('docs/guide.md', () => {
  it.each(programsOf(guide))('shows what $main prints (line $line)', async (shown) => {
    expect(await outputOf(shown)).toMatch(pattern(shown.output));
  });

  it('shows code that compiles', async () => {
    expect(await typeErrorsOf(guide)).toBe('');
  });

  it('begins with a list of its sections', () => {
    const listed = [...guide.matchAll(/^- \[([^\]]+)\]\(#[\w-]+\)$/gm)].map(([, title]) => title);
    const sections = [...guide.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(listed).toEqual(sections);
  });
});

describe('the table of statistics', () => {
  const table = tableWith(sectionOf(guide, 'Statistics'), 'field', 'what it holds');
  const pool = new AsyncPool(1);
  afterAll(() => pool.close());
  const stats: Readonly<Record<string, unknown>> = { ...pool.stats() };

  it('has every field, and no other', () => {
    expect(table.flatMap(({ field = '' }) => codesIn(field)).toSorted()).toEqual(Object.keys(stats).toSorted());
  });

  it.each(['workers', 'tasks', 'replaced', 'waitTime'])('has what %s holds, and no more', (name) => {
    const row = table.find(({ field = '' }) => codesIn(field)[0] === name);
    expect(codesIn(row?.['what it holds'] ?? '').toSorted()).toEqual(Object.keys(stats[name] as object).toSorted());
  });
});

describe('the table of channels', () => {
  const table = tableWith(sectionOf(guide, 'Diagnostics'), 'channel', 'when', 'fields');
  /** `'name': { field: …; other?: … }`, as the library's type has them. */
  const declared = [...read('lib/diagnostics.ts').matchAll(/^ {2}'(forkpool:[\w:]+)': \{([^}]*)\}/gm)].map(
    ([, name, body = '']) => [name, [...body.matchAll(/(?:^|;|\s)(\w+)\??:/g)].map(([, field]) => field)] as const,
  );

  it('has every channel with its fields, and no other', () => {
    const shown = table.map(({ channel = '', fields = '' }) => [codesIn(channel)[0], codesIn(fields)]);
    expect(shown).toEqual(declared);
  });
});
