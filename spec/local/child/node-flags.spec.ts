import { describe, expect, it } from '@jest/globals';
import { inheritedFlags, inheritedNodeOptions } from '#lib/local/child/node-flags.js';
import { writeFileSync } from 'node:fs';
import { program, run } from '../../fixtures/run-program.js';
import { temporaryFiles } from '../../helpers.js';

const file = temporaryFiles();

describe('the flags that a child has from its master', () => {
  it('are all but those that concern the master alone', () => {
    const flags = ['--import', 'tsx', '--inspect=9229', '--max-old-space-size=100', '--watch', '--title', 'mine'];
    expect(inheritedFlags(flags)).toEqual(['--import', 'tsx', '--max-old-space-size=100']);
  });

  it('are without values that stand apart of the flags that are left out', () => {
    const flags = ['--inspect-publish-uid', 'http', '--watch-kill-signal', 'SIGINT', '--no-warnings'];
    expect(inheritedFlags(flags)).toEqual(['--no-warnings']);
  });

  it('name no file of variables: what the master has of it, they have', () => {
    const flags = ['--env-file=a.env', '--env-file', 'b.env', '--env-file-if-exists=c.env', '--no-warnings'];
    expect(inheritedFlags([...flags, '--env-file-if-exists', 'd.env'])).toEqual(['--no-warnings']);
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
    ['--env-file "my app.env" --env-file-if-exists=b.env --no-warnings', '--no-warnings'],
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

describe.each(['Pool', 'ThreadPool'])('a worker of %s', (name) => {
  it('has no variable of the master’s file that is taken out of its environment', async () => {
    writeFileSync(file('some.env'), 'SHOWN=shown\nHIDDEN=hidden\n');
    const { stdout } = await run([`--env-file=${file('some.env')}`, program('env-file.js')]);
    expect(stdout).toContain(`${name} shown,none\n`);
  });
});
