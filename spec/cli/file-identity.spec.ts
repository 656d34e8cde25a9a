import { expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ownPath } from '#lib/cli/file-identity.js';
import { temporaryFiles } from '../helpers.js';

const file = temporaryFiles();

it('a link that leads from a linked folder to a file yet to be made is followed from where it lies', () => {
  mkdirSync(file('a/b/c'), { recursive: true });
  symlinkSync('a/b/c', file('linked'));
  symlinkSync('../x', file('a/b/c/out'));
  expect(ownPath(file('linked/out'))).toBe(ownPath(file('a/b/x')));
  expect(ownPath(join(file('linked'), 'new'))).toBe(ownPath(file('a/b/c/new')));
});
