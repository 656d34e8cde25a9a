import { expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { packageType } from '#lib/wire/package-type.js';
import { temporaryFiles } from '../helpers.js';

const file = temporaryFiles();

it.each([
  ['its package', '{ "type": "module" }', 'module'],
  ['one that begins with a byte order mark', '\uFEFF{ "type": "commonjs" }', 'commonjs'],
  ['one that does not say', '{}', undefined],
  ['one that says something else', '{ "type": "wasm" }', undefined],
  ['one that cannot be read', '{ "type": "module"', undefined],
])('the type of a file is that of the nearest package: %s', (_which, text, type) => {
  mkdirSync(file('inner/deep'), { recursive: true });
  writeFileSync(file('package.json'), '{ "type": "wasm" }');
  writeFileSync(file('inner/package.json'), text);
  expect(packageType(file('inner/deep/a.js'))).toBe(type);
});

it('a file in `node_modules` has no type but that of its own package', () => {
  mkdirSync(file('node_modules/bare'), { recursive: true });
  writeFileSync(file('package.json'), '{ "type": "module" }');
  expect(packageType(file('node_modules/bare/a.js'))).toBeUndefined();
});
