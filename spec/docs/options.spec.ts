import { describe, expect, it } from '@jest/globals';
import {
  applyAsyncOptions,
  applyOptions,
  imapOptions,
  mapAsyncOptions,
  mapOptions,
  poolOptions,
} from '#lib/options.js';
import { thrown } from '../helpers.js';
import { codesIn, read, sectionOf, tableWith } from './helpers.js';

const readme = read('README.md');
const ofPool = tableWith(sectionOf(readme, 'Of a pool'), 'option', 'default', 'meaning');
const ofCall = tableWith(sectionOf(readme, 'Of a call'), 'option', 'of', 'default', 'meaning');

const nameOf = (row: Readonly<Record<string, string>>): string => codesIn(row['option'] ?? '')[0] ?? '';

/** All that a method takes, by its own words. */
function known(options: (given: never) => unknown): string[] {
  const { message } = thrown(() => options({ nonsense: 1 } as never)) as Error;
  return (/Known are (.*)$/.exec(message)?.[1] ?? '').split(', ').toSorted();
}

/** The options in the table of which `of` says so. */
const namesOf = (...of: readonly string[]): string[] =>
  ofCall
    .filter((row) => of.some((one) => row['of']?.split(', ').includes(one)))
    .map(nameOf)
    .toSorted();

describe('the table of the options of a pool', () => {
  const defaults: Readonly<Record<string, unknown>> = poolOptions({ processes: 7 }, {});

  it('has them all, and no other', () => {
    expect(ofPool.map(nameOf).toSorted()).toEqual(known((given) => poolOptions(given, {})));
  });

  it.each(ofPool.map((row) => [nameOf(row), row['default'] ?? '']))('has the default of %s: %s', (name, told) => {
    const value = defaults[name];
    if (/^\d+$/.test(told)) expect(value).toBe(Number(told));
    else if (/^(?:none|never)$/.test(told)) expect([undefined, Infinity, []]).toContainEqual(value);
    else if (/^`\w+`$/.test(told)) expect(value).toBe(defaults[told.slice(1, -1)]);
    else if (name !== 'processes')
      expect([told, value]).toEqual([expect.stringMatching(/^(?:the master's|see meaning)$/), undefined]);
  });
});

describe('the table of the options of a call', () => {
  it.each([
    ['apply', applyOptions, ['all']],
    ['applyAsync', applyAsyncOptions, ['all', '`…Async`']],
    ['map', mapOptions, ['all', 'maps']],
    ['mapAsync', mapAsyncOptions, ['all', 'maps', '`…Async`']],
    ['imap', imapOptions, ['all', '`imap`']],
  ] as const)('has those of %s, and no other', (_, options, of) => {
    expect(namesOf(...of)).toEqual(known(options));
  });

  it('has the defaults that the types name', () => {
    const source = read('lib/options.ts');
    for (const row of ofCall) {
      const told = row['default'] ?? '';
      const said = new RegExp(String.raw`Default: ([^*]*?)\.(?: |\n +)\*/\n  ${nameOf(row)}\?:`).exec(source)?.[1];
      if (/^(?:none|the pool's)$/.test(told)) expect([undefined, 'none', '0']).toContain(said);
      else expect(said).toMatch(told === 'false' ? /^(?:false|the rest still runs)/ : new RegExp(`^${told}`));
    }
  });
});
