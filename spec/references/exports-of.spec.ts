import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { exportsOf } from '#lib/references/exports-of.js';

const namesIn = (source: string): Record<string, string> => Object.fromEntries(exportsOf(source).names);
const defaultIn = (source: string): string | undefined => {
  const { defaultAt } = exportsOf(source);
  return defaultAt === undefined ? undefined : source.slice(defaultAt);
};

describe('the exports of a module', () => {
  it.each<[string, Record<string, string>]>([
    ['export function a() {}', { a: 'a' }],
    ['export async function a(){}export function*b(){}export const c=x.export,d=1', { a: 'a', b: 'b', c: 'c', d: 'd' }],
    ['export\nfunction* b() {}\nexport async function * c() {}', { b: 'b', c: 'c' }],
    ['export class A extends B {}', { A: 'A' }],
    ['export const a = 1, b = (x, y) => [x, { y }], c = `,d = ${1}`;', { a: 'a', b: 'b', c: 'c' }],
    ['export let a\nexport var b\nlet c, d', { a: 'a', b: 'b' }],
    [
      'export const { a, b: c, d: { e = f, ...g }, ...h } = i, [j, , k = l] = m;',
      { a: 'a', c: 'c', e: 'e', g: 'g', h: 'h', j: 'j', k: 'k' },
    ],
    ['export { a, b as c, d as default, $e as "f g, }" , };', { a: 'a', b: 'c', d: 'default', $e: 'f g, }' }],
    ['export{a as b};export{c}', { a: 'b', c: 'c' }],
    ['export { a, a as b };', { a: 'a' }],
    ['export { as as as, from as b };', { as: 'as', from: 'b' }],
    ['export default a;', { a: 'default' }],
    ['export default a', { a: 'default' }],
    ['export default a\nconst b = 1', { a: 'default' }],
    ['export default function a() {}', { a: 'default' }],
    ['export default async function a() {}', { a: 'default' }],
    ['export default class A {}', { A: 'default' }],
    ['export default async function* a() {}', { a: 'default' }],
    ['const a = 1; export { a }; const b = 1', { a: 'a' }],
    ['export const a =\n  async (x) => x,\n  b =\n  function () {},\n  c = class {};', { a: 'a', b: 'b', c: 'c' }],
    ['export let a\nfoo = 5, bar = 6', { a: 'a' }],
    ['export const a = b\nfoo()\nbar = 6, c = 7', { a: 'a' }],
    ['export const a = b\n  .c, d = e\n  instanceof f, g = 1', { a: 'a', d: 'd', g: 'g' }],
  ])('are read from the text: %s', (source, names) => {
    expect(namesIn(source)).toEqual(names);
    expect(defaultIn(source)).toBeUndefined();
  });

  it('are not taken for what is within a default arrow function', () => {
    const arrow = 'async (x) => {\n  function parse() {}\n  class A {}\n};';
    const source = `export default ${arrow}\nexport function parse() {}`;
    expect(namesIn(source)).toEqual({ parse: 'parse' });
    expect(defaultIn(source)?.startsWith(arrow)).toBe(true);
  });

  it('tells which names may hold another value later', () => {
    const source = 'export let a = 1\nlet b, { c } = d;var e=1;export{b}\nexport const f = 1; function g() { let h; }';
    expect([...exportsOf(source).variables]).toEqual(['a', 'b', 'c', 'e']);
    expect(namesIn(source)).toEqual({ a: 'a', b: 'b', f: 'f' });
  });

  it.each<[string, string[]]>([
    ['export const a: Fn = (x) => x * k;', ['a']],
    ['export const a: Fn<A, B> = (x) => x, b: (x: A) => B = f, c = 1;', ['a', 'b', 'c']],
    ['export const a: Fn<A, B, C> = (x) => x, b: Fn<A, [B, C], D> = f, c = 1;', ['a', 'b', 'c']],
    ['export let a, b: Fn<A, B, C>, { c }, d', ['a', 'b', 'c', 'd']],
    ['export const a:\n  | A\n  | { b: C; d: E } = f;', ['a']],
    ['export let a!: A, b: B | undefined\ninterface C { d: E }', ['a', 'b']],
    ['export const { a, b: c }: D = e, [f]: G[] = h;', ['a', 'c', 'f']],
    ['export const a = new Map<A, B>(), c = <D, E>(f: D): E => g(f);', ['a', 'c']],
    ['export const a = b satisfies C, d = e as F\n  satisfies G, h = i;', ['a', 'd', 'h']],
    ['export function a(b: C): D {}\nexport type E = F;\nexport class G<H> implements I {}', ['a', 'G']],
  ])('are read from TypeScript, whose types Node only blanks: %s', (source, names) => {
    expect(Object.keys(namesIn(source))).toEqual(names);
  });

  it.each([
    ['(a, b) => 1;'],
    ['async (a) => 1'],
    ['function () {}'],
    ['async function* () {}'],
    ['class extends A {}'],
    ['class {}'],
    ['{ a, b() {} };'],
    ['a.b;'],
    ['wrap(a);'],
    ['a\n(b)'],
    ['/* why */ a + b'],
  ])('may be an expression by default: %s', (expression) => {
    const source = `const c = 1;\nexport default ${expression}`;
    expect(defaultIn(source)).toBe(expression.replace('/* why */ ', ''));
    expect(namesIn(source)).toEqual({});
  });

  it.each([
    'export { a } from "./b.js"',
    'export * from "./b.js"; export * as c from "./d.js"',
    '// export { a }\n/* export function a() {} */',
    '"export { a }"; \'export { b }\'; `\nexport { c }\n${"export { d }"}`',
    'const r = /export { a }/',
    'function f() { return { export: { a } } }',
    'x.export = { a }; ({ export: a })',
    'const exported = { a }',
    '',
  ])('are not what is quoted, or of another module: %s', (source) => {
    expect(namesIn(source)).toEqual({});
    expect(defaultIn(source)).toBeUndefined();
  });

  it('are found in a fixture that has all of them', () => {
    const source = readFileSync(new URL('../fixtures/modules/forms.js', import.meta.url), 'utf8');
    expect(Object.keys(namesIn(source)).toSorted()).toEqual(
      ['$dollar', 'Tool', 'arrow', 'declared', 'first', 'fromObject', 'hiddenOne', 'inner', 'kit', 'later', 'many']
        .concat([
          'notExported',
          'one',
          'others',
          'plain',
          'quoted',
          'renamed',
          'stream',
          'two',
          'unused',
          'withDefault',
        ])
        .toSorted(),
    );
  });

  it('are found in a large bundle in no time', () => {
    const source = `${'const a = (x) => `${x} text`; function f() { return /a/ }\n'.repeat(20_000)} export { a };`;
    const start = performance.now();
    expect(namesIn(source)).toEqual({ a: 'a' });
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
