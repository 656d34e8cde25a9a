import { describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isModuleFile } from '#lib/references/module-kind.js';
import { run } from '../fixtures/run-program.js';
import { temporaryFiles } from '../helpers.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = temporaryFiles();

const COMMON = '#!/usr/bin/env node\nexports.a = async () => await 1; import("./x.js"); return';
const MODULE = '#!/usr/bin/env node\nexport const a = 1;';

/** A file in a package of its own, or in none. */
function isModule(name: string, source: string, manifest?: object): boolean {
  const path = file(`${JSON.stringify(manifest) ?? 'none'}/${name}`.replaceAll(/[{}":]/g, ''));
  mkdirSync(dirname(path), { recursive: true });
  if (manifest !== undefined) writeFileSync(`${dirname(path)}/package.json`, JSON.stringify(manifest));
  writeFileSync(path, source);
  return isModuleFile(pathToFileURL(path).href, source);
}

describe('a file that runs', () => {
  it.each<[string, string, object | undefined, boolean]>([
    ['a.mjs', COMMON, undefined, true],
    ['a.mts', COMMON, { type: 'commonjs' }, true],
    ['a.cjs', COMMON, { type: 'module' }, false],
    ['a.cts', COMMON, { type: 'module' }, false],
    ['a.js', COMMON, { type: 'module' }, true],
    ['a.ts', COMMON, { type: 'module' }, true],
    ['a', COMMON, { type: 'module' }, true],
    ['a.js', MODULE, { type: 'commonjs' }, false],
    ['a.js', COMMON, {}, false],
    ['a.js', COMMON, undefined, false],
    ['a.js', MODULE, {}, true],
    ['a.js', MODULE, undefined, true],
    ['a.js', 'import.meta.url;', undefined, true],
    ['a.js', "await import('node:fs');", undefined, true],
    ['a.ts', 'module.exports = (x: number) => x;', undefined, false],
    ['a.ts', 'type A = 1;\nexport const a: A = 1;', undefined, true],
  ])('is a module by its name, its package or its text: %s of %p in %p → %p', (name, source, manifest, expected) => {
    expect(isModule(name, source, manifest)).toBe(expected);
  });

  it('is none where `require` has it as CommonJS, as of a loader that makes that of modules', async () => {
    const path = file('required.mjs');
    const url = JSON.stringify(pathToFileURL(path).href);
    const program = `
      import { createRequire } from 'node:module';
      import { isModuleFile } from '#lib/references/module-kind.js';
      const require = createRequire(import.meta.url);
      const before = isModuleFile(${url}, '');
      require.cache[${JSON.stringify(path)}] = { exports: {} };
      console.log(before, isModuleFile(${url}, ''));`;
    const { stdout, stderr } = await run(['--input-type=module', '--eval', program], { cwd: root });
    expect([stdout, stderr]).toEqual(['true false\n', '']);
  });
});
