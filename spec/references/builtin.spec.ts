import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { builtinsOf } from '#lib/references/builtin.js';
import { run } from '../fixtures/run-program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const first = (url: string): string[] => [...builtinsOf(url)].slice(0, 2).map(([name]) => name);

describe('the modules of Node that a function may be a member of', () => {
  it('begin with the one whose script it is in, or that it is internal to', () => {
    expect(first('node:internal/fs/promises')).toEqual(['fs/promises', 'fs']);
    expect(first('node:internal/util/inspect')[0]).toBe('util');
    expect(first('node:zlib')[0]).toBe('zlib');
  });

  it('are looked into without loading others', async () => {
    const program = `
      import fs from 'node:fs';
      import { referenceOf } from '#lib/references/reference.js';
      const loaded = () => process.moduleLoadList.filter((name) => /^NativeModule [^/]+$/.test(name));
      referenceOf(fs.promises.readFile);
      const before = loaded();
      for (const fn of [fs.promises.writeFile, process.emitWarning, (await import('node:stream')).Readable.from]) referenceOf(fn);
      console.log(loaded().filter((name) => !before.includes(name) && !/ (?:process|stream)$/.test(name)), loaded().includes('NativeModule domain'));
      process.setUncaughtExceptionCaptureCallback(() => {});
      console.log(referenceOf(fs.promises.rm).module);`;
    const { stdout, stderr } = await run(['--input-type=module', '--eval', program], { cwd: root });
    expect([stdout, stderr]).toEqual(['[] false\nnode:fs/promises\n', '']);
  });

  it('are those with effects too, where they are loaded', async () => {
    const program = `
      import domain from 'node:domain';
      import { referenceOf } from '#lib/references/reference.js';
      console.log(referenceOf(domain.create).module);`;
    const { stdout, stderr } = await run(['--input-type=module', '--eval', program], { cwd: root });
    expect([stdout, stderr]).toEqual(['node:domain\n', '']);
  });
});
