import { describe, expect, it } from '@jest/globals';
import { codesIn, read, tableWith } from './helpers.js';

const page = read('docs/bench.md');

describe('docs/bench.md', () => {
  it('has every option of the command, and no other', () => {
    const told = tableWith(page, 'option', 'default', 'meaning').flatMap(({ option = '' }) => codesIn(option));
    const declared = [...read('lib/cli/bench.ts').matchAll(/(?:\.option|new Option)\(\s*'([^']+)'/g)];
    expect(told.toSorted()).toEqual(declared.map(([, flags]) => flags).toSorted());
  });

  it('tells the rule with the numbers of the rule', () => {
    const rule = read('lib/compare/verdict.ts');
    const constant = (name: string): number => Number(new RegExp(`const ${name} = ([\\d.]+);`).exec(rule)?.[1]);
    const percent = (share: number): string => `${Math.round(share * 100)} %`;
    expect(page).toContain(`\`cpu\` is ${percent(constant('CPU_BOUND'))} or more`);
    expect(page).toContain(`\`loop\` − \`cpu\` is ${percent(constant('BLOCKED'))} or more`);
    expect(page).toContain(`\`cpu\` is ${percent(constant('IO_BOUND'))} or less`);
    expect(page).toContain(`less than ${constant('WORTH')} messages`);
    expect(page).toContain(`no pool is ${constant('HELPS')} times as fast`);
    expect(page).toContain(`All within ${percent(1 - constant('AS_GOOD'))} of the best`);
  });
});
