import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles } from '../helpers.js';
import { start } from '../cli/helpers.js';
import { blocksOf, codesIn, pattern, read, sectionOf, tableWith } from './helpers.js';

leavesNoChild();

const page = read('docs/map.md');
const command = read('lib/cli/map.ts');
const file = temporaryFiles();

writeFileSync(file('package.json'), '{ "type": "module" }\n');
for (const { file: name, text } of blocksOf(page)) if (name !== undefined) writeFileSync(file(name), text);

/** Each command of the page, and what it says it prints. */
const shown = blocksOf(page)
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)] as const);

describe('docs/map.md', () => {
  it.each(shown)('shows what this prints: %s', async (line, output) => {
    // The shell has it as `"$@"`.
    const shell = `main=("$@"); forkpool() { "\${main[@]}" "$@" 2>&1; }; ${line}`;
    const { stdout } = await start([], { cwd: file('.'), shell }).ended;
    expect(stdout).toMatch(pattern(output));
  });

  it('has every option of the command, and no other', () => {
    const told = tableWith(page, 'option', 'default', 'meaning').flatMap(({ option = '' }) => codesIn(option));
    const declared = [...command.matchAll(/(?:\.option|new Option)\(\s*'([^']+)'/g)].map(([, flags]) => flags);
    expect(told.toSorted()).toEqual(declared.toSorted());
  });

  it('has every way to go on after a failure', () => {
    const modes = tableWith(page, '`--on-error`', 'what becomes of the run').map(
      (row) => codesIn(row['`--on-error`'] ?? '')[0],
    );
    const [, declared = ''] = /choices\(\[([^\]]*)\]/.exec(command) ?? [];
    expect(modes).toEqual(declared.split(', ').map((mode) => mode.slice(1, -1)));
  });

  it('names what a resume compares', () => {
    const compared = [...read('lib/cli/map/plan.ts').matchAll(/^ {4}'(--[\w-]+)':/gm)].map(([, name]) => name);
    expect(compared.length).toBeGreaterThan(5);
    const told = codesIn(sectionOf(page, 'Going on'));
    expect(compared.filter((name = '') => !told.includes(name))).toEqual([]);
  });
});
