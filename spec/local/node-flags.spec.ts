import { describe, expect, it } from '@jest/globals';
import { inheritedFlags, inheritedNodeOptions } from '#lib/local/node-flags.js';

describe('the flags that a child has from its master', () => {
  it('are all but those that concern the master alone', () => {
    const flags = ['--import', 'tsx', '--inspect=9229', '--max-old-space-size=100', '--watch', '--title', 'mine'];
    expect(inheritedFlags(flags)).toEqual(['--import', 'tsx', '--max-old-space-size=100']);
  });

  it('do not say how a text is to be read that is the master’s program', () => {
    expect(inheritedFlags(['--input-type=module', '-e', 'run()', '--no-warnings'])).toEqual(['--no-warnings']);
    expect(inheritedFlags(['--input-type', 'module', '-pe', '1'])).toEqual([]);
  });
});

describe('the NODE_OPTIONS of a child', () => {
  it.each([
    ['--no-warnings  --import tsx', '--no-warnings --import tsx'],
    ['--inspect=9229 --title="my app" --no-warnings', '--no-warnings'],
    ['--title "my app" --no-warnings', '--no-warnings'],
    ['--require "./my preload.js"', '--require "./my preload.js"'],
    ['--require="./my preload.js"', '"--require=./my preload.js"'],
    [String.raw`--require "./a \"b\" c\\d.js"`, String.raw`--require "./a \"b\" c\\d.js"`],
    [String.raw`--require C:\tasks\preload.js`, String.raw`--require C:\tasks\preload.js`],
    ['', ''],
  ])('of a master with %p are %p', (of, are) => {
    expect(inheritedNodeOptions(of)).toBe(are);
  });
});
