import { describe, expect, it } from '@jest/globals';
import { codesIn, read, tableWith } from './helpers.js';

const page = read('docs/bench.md');

describe('docs/bench.md', () => {
  it('has every option of the command, and no other', () => {
    const told = tableWith(page, 'option', 'default', 'meaning').map(({ option = '' }) => codesIn(option)[0]);
    const declared = [...read('lib/cli/bench.ts').matchAll(/\.(?:option|requiredOption)\('([^']+)'/g)];
    expect(told.toSorted()).toEqual(declared.map(([, flags]) => flags).toSorted());
  });

  it('tells the rule with the numbers of the rule', () => {
    const rule = read('lib/compare/verdict.ts');
    const constant = (name: string): number => Number(new RegExp(`const ${name} = ([\\d.]+);`).exec(rule)?.[1]);
    const percent = (share: number): string => `${Math.round(share * 100)} %`;
    expect(page).toContain(`**CPU-bound**: ${percent(constant('CPU_BOUND'))} or more`);
    expect(page).toContain(`**blocking IO**: in ${percent(constant('BLOCKED'))} or more`);
    expect(page).toContain(`**IO-bound**: ${percent(constant('IO_BOUND'))} or less`);
    expect(page).toContain(`within ${percent(1 - constant('AS_GOOD'))} of the best`);
    expect(page).toContain(`is less than ${constant('HELPS')}`);
    expect(page).toMatch(new RegExp(`less than ${constant('WORTH') === 2 ? 'two' : constant('WORTH')} messages`));
  });
});
