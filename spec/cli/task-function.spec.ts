import { describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { leavesNoChild, temporaryFiles } from '../helpers.js';
import { start, type Ended } from './helpers.js';

leavesNoChild();

const file = temporaryFiles();
const folder = file('.');

// Written so, no export of it but the default is seen from outside.
writeFileSync(
  file('common.cjs'),
  `const double = (x) => x * 2;
   module.exports = { double: (x) => double(x), more: { triple: (x) => x * 3 } };`,
);
// What TypeScript makes of `export default`.
writeFileSync(
  file('compiled.cjs'),
  `Object.defineProperty(exports, '__esModule', { value: true });
   exports.default = (text) => text.length;`,
);
mkdirSync(file('node_modules/dual'), { recursive: true });
const exports = { import: './index.mjs', require: './index.cjs' };
writeFileSync(file('node_modules/dual/package.json'), JSON.stringify({ name: 'dual', exports }));
writeFileSync(file('node_modules/dual/index.mjs'), 'export const kind = () => "module";');
writeFileSync(file('node_modules/dual/index.cjs'), 'exports.kind = () => "script";');
mkdirSync(file('node_modules/old'));
writeFileSync(file('node_modules/old/package.json'), JSON.stringify({ name: 'old' }));
writeFileSync(file('node_modules/old/sub.js'), 'exports.kind = () => "sub";');

const map = (...args: readonly string[]): Promise<Ended> =>
  start(['map', ...args, '--lines', '-p', '1', '--quiet'], { cwd: folder, stdin: '/a/21\n' }).ended;

describe('a function of the command line', () => {
  it.each([
    ['of an object that a CommonJS module exports', './common.cjs#double', 'null'],
    ['of an object in one', './common.cjs#more.triple', 'null'],
    ['that TypeScript has made the default of a CommonJS module', './compiled.cjs', '5'],
    [
      'that TypeScript has made the default of a CommonJS module, by its full path',
      './compiled.cjs#default.default',
      '5',
    ],
    ['of a package, as import finds it', 'dual#kind', '"module"'],
    ['of a package, as require alone finds it', 'old/sub#kind', '"sub"'],
    ['of a module of Node', 'node:path#basename', '"21"'],
    ['of a module of Node without its prefix', 'path#posix.dirname', '"/a"'],
  ])('may be that %s', async (_title, name, result) => {
    const { code, stdout, stderr } = await map(name);
    expect([code, stderr, stdout]).toEqual([0, '', `${result}\n`]);
  });

  it('that is not there is told of with those that are', async () => {
    const { code, stderr } = await map('./common.cjs#quadruple');
    expect([code, stderr]).toEqual([
      2,
      'forkpool: ./common.cjs has no export `quadruple`. Functions there are double\n',
    ]);
  });

  it('of Node goes on where an earlier run has stopped', async () => {
    const again = ['node:path#basename', '-o', 'out.jsonl', '--resume'];
    expect(await map(...again)).toMatchObject({ code: 0, stderr: '' });
    expect(await map(...again)).toMatchObject({ code: 0, stderr: '' });
  });
});
