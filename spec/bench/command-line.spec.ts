import { describe, expect, it } from '@jest/globals';
import { wantedOf } from '#bench/command-line.js';

function asked(...args: string[]): string[] {
  const wanted = wantedOf(args);
  if (wanted?.is !== 'questions') throw new Error('It asks no question');
  return wanted.questions.flatMap(({ name, variants }) => [name].concat(variants.map((variant) => variant.name)));
}

describe('the command line of the bench', () => {
  it('asks a question once, with all of its variants that are named', () => {
    expect(asked('growth:workers 64', 'growth:workers 2')).toEqual(['growth', 'workers 2', 'workers 64']);
    expect(asked('growth:workers 2', 'growth:workers 2')).toEqual(['growth', 'workers 2']);
  });

  it('refuses a question that there is not', () => {
    expect(() => wantedOf(['growth:nothing'])).toThrow('Expected a question, got `growth:nothing`');
  });

  it('takes faults with the contenders alone', () => {
    const wanted = wantedOf(['faults', '--threads', '--contender', 'forkpool']);
    expect(wanted?.is === 'faults' && wanted.contenders.map(({ name }) => name)).toEqual([
      'forkpool',
      'forkpool ThreadPool',
    ]);
  });

  it.each([
    [['faults', 'burst'], 'burst'],
    [['faults', '--rounds', '3'], '--rounds'],
    [['--json', 'faults'], '--json'],
  ])('refuses %j, of which something would have no effect', (args, strange) => {
    expect(() => wantedOf(args)).toThrow(
      `Expected \`faults\` with --contender and --threads alone, got \`${strange}\``,
    );
  });
});
