import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Session as Inspector } from 'node:inspector/promises';
import vm from 'node:vm';
import { Inspection } from '#lib/references/inspection.js';
import { counterOf, madeHere } from '../fixtures/modules/closures.js';
import { declared, kit, Tool } from '../fixtures/modules/forms.js';
import { thrown } from '../helpers.js';

const url = (file: string): string => new URL(`../fixtures/modules/${file}`, import.meta.url).href;
const textOf = (file: string): string => readFileSync(new URL(url(file)), 'utf8');

describe('an inspection', () => {
  it('tells where a function stands', () => {
    const location = Inspection.of(declared, (inspection) => inspection.location);
    const lines = textOf('forms.js').split('\n');
    const line = lines.findIndex((text) => text.startsWith('export function declared'));
    expect(location).toEqual({ scriptId: expect.any(String), line, column: 'export function declared'.length });
  });

  it('tells the script, and its text', () => {
    const script = Inspection.of(declared, (inspection) => inspection.script());
    expect(script).toEqual({ url: url('forms.js'), isModule: true, isFile: true, source: textOf('forms.js') });
    expect(Inspection.of(kit.scale, (inspection) => inspection.script())).toBe(script);
  });

  it('tells a script that is no module, or no file', () => {
    const fn = vm.runInThisContext('(() => 1)', { filename: '/a/b c.js' }) as () => number;
    expect(Inspection.of(fn, (inspection) => inspection.script())).toEqual({
      url: 'file:///a/b%20c.js',
      isModule: false,
      isFile: false,
      source: '(() => 1)',
    });
    // oxlint-disable-next-line typescript/no-implied-eval -- code of no file is the point
    const bare = new Function('return 1') as () => number;
    expect(Inspection.of(bare, (inspection) => inspection.script()?.url)).toBe('');
    expect(Inspection.of(Math.sqrt, (inspection) => inspection.script())).toBeUndefined();
  });

  it('leaves alone the coverage that somebody else measures', async () => {
    const session = new Inspector();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    const covered = vm.runInThisContext('((x) => x ? 1 : 2)', { filename: '/covered.js' }) as (x: number) => number;
    const { rare } = await import('../fixtures/modules/rare.js');
    expect(Inspection.of(rare, (inspection) => inspection.script()?.url)).toBe(url('rare.js'));
    expect([covered(1), covered(1)]).toEqual([1, 1]);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    session.disconnect();
    const fn = result.find((script) => script.url.endsWith('/covered.js'))?.functions.at(-1);
    expect(fn?.isBlockCoverage).toBe(true);
    expect(fn?.ranges.map(({ count }) => count)).toEqual([2, 0]);
  });

  it('tells a bound function from others', () => {
    expect(Inspection.of(declared.bind(undefined), ({ isBound }) => isBound)).toBe(true);
    expect(Inspection.of(declared, ({ isBound }) => isBound)).toBe(false);
  });

  it('tells the names around a function, used or not, and no global ones', () => {
    const names = Inspection.of(counterOf(1), (inspection) => inspection.surroundingNames());
    expect(names).toEqual(expect.arrayContaining(['step', 'counter', 'madeHere']));
    expect(names).not.toContain('Math');
    expect(Inspection.of(Math.sqrt, (inspection) => inspection.surroundingNames())).toEqual([]);
  });

  it('tells the names in the function nearest around it', () => {
    expect(Inspection.of(counterOf(1), (inspection) => inspection.closureNames())).toEqual(['step']);
    // oxlint-disable-next-line typescript/no-implied-eval -- code of no file is the point
    const free = new Function('return () => 1')() as () => number;
    expect(Inspection.of(free, (inspection) => inspection.closureNames())).toEqual([]);
  });

  it('does not take what scripts declare for all for names of a function', () => {
    vm.runInThisContext('const ofAllScripts = 1; let alsoOfAll = 2; class OfAll {}');
    const free = vm.runInThisContext('(() => 1)') as () => number;
    expect(Inspection.of(free, (inspection) => inspection.closureNames())).toEqual([]);
    expect(Inspection.of(free, (inspection) => inspection.surroundingNames())).toContain('ofAllScripts');
  });

  it('tells which variables of its module it is, or is a property of', () => {
    const bindings = (fn: object): string[][] =>
      Inspection.of(fn, (inspection) => inspection.waysByVariables().map(({ path }) => path));
    expect(bindings(madeHere)).toEqual([['madeHere']]);
    expect(bindings(kit.scale)).toEqual([['kit', 'scale']]);
    expect(bindings(Tool.make)).toEqual([['Tool', 'make']]);
    expect(bindings(Tool.prototype.run)).toEqual([['Tool', 'prototype', 'run']]);
    expect(bindings(counterOf(1))).toEqual([]);
    expect(bindings(Math.sqrt)).toEqual([]);
  });

  it('leaves nothing behind, also when what it was asked throws', async () => {
    const { Session } = await import('node:inspector');
    const before = Reflect.ownKeys(Session);
    const fail = (): never => {
      throw new RangeError('asked too much');
    };
    expect(thrown(() => Inspection.of(declared, fail))).toMatchObject({ message: 'asked too much' });
    expect(Inspection.of(declared, () => 'answered')).toBe('answered');
    expect(Reflect.ownKeys(Session)).toEqual(before);
  });

  it('may be made within another one', () => {
    const inner = Inspection.of(declared, () => Inspection.of(kit.scale, (inspection) => inspection.waysByVariables()));
    expect(inner).toEqual([{ path: ['kit', 'scale'], by: 'itself', owner: kit }]);
  });
});
