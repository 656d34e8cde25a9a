import { describe, expect, it, jest } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { program, run } from '../fixtures/run-program.js';
import { rejection, temporaryFiles } from '../helpers.js';
import { createResolver, type ResolvedFunction } from '#workers/resolve.js';
import type { Reference } from '#lib/wire/reference.js';

const at = (file: string): string => new URL(`../fixtures/modules/${file}`, import.meta.url).href;
const file = temporaryFiles();
const resolver = (main?: string, onMain = (): void => {}) => createResolver({ main, onMain, fresh: false });
const resolve = resolver();

const called = ({ fn, self }: ResolvedFunction, ...args: unknown[]): unknown => Reflect.apply(fn, self, args);
const source = (text: string, strict = true): Reference => ({ kind: 'source', text, strict, line: 0, column: 0 });

describe('a reference to an export', () => {
  it('is the function, and what it is a member of', async () => {
    const plain = await resolve({ kind: 'export', module: at('forms.js'), path: ['plain'] });
    expect(called(plain, 1)).toEqual(['plain', 1, 'of the module']);
    expect(plain.self).toBeUndefined();
    const scale = await resolve({ kind: 'export', module: at('forms.js'), path: ['kit', 'scale'] });
    expect(called(scale, 1)).toEqual(['scale', 5, 'of the module']);
  });

  it('is compared with the text it was inferred by', async () => {
    const reference = { kind: 'export', module: at('default-arrow.js'), path: ['default'] } as const;
    const right = await resolve({ ...reference, text: "(x) => ['default arrow', x, local]" });
    expect(called(right, 1)).toEqual(['default arrow', 1, 'of the module']);
    expect(await rejection(Promise.resolve(resolve({ ...reference, text: '(x) => [x]' })))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringMatching(
        /^default of .*default-arrow\.js is another function than the one that was to run/,
      ),
    });
  });

  it('is the function though a loader of the master has rewritten it: the file has this text, and not that one', async () => {
    const reference = { kind: 'export', module: at('forms.js'), path: ['kit', 'scale'] } as const;
    const rewritten = 'scale(x){return["scale",x*this.factor,local]}';
    expect(called(await resolve({ ...reference, text: rewritten }), 1)).toEqual(['scale', 5, 'of the module']);
    const module = 'data:text/javascript,export const kit = { scale(x) { return x; } }';
    expect(await rejection(Promise.resolve(resolve({ ...reference, module, text: rewritten })))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringContaining('tasksFrom'),
    });
  });

  it('says what to do where the worker has no loader for its module', async () => {
    const module = file('tasks.unheardof');
    writeFileSync(module, 'export const f = (x: number): number => x;');
    const reference = { kind: 'export', module: pathToFileURL(module).href, path: ['f'] } as const;
    const code = `
      import { createResolver } from '#workers/resolve.js';
      const resolve = createResolver({ main: undefined, onMain() {}, fresh: false });
      await resolve(${JSON.stringify(reference)}).catch((error) => console.log(error.message));`;
    const { stdout } = await run(['--input-type=module', '-e', code]);
    expect(stdout).toMatch(
      /^Cannot load the module of f of .* Start the program with a loader that its workers inherit/,
    );
  });

  it('is found by require, if a hook of that can read its module and no loader can', async () => {
    const [module, hook] = [file('tasks.unread'), file('hook.cjs')];
    writeFileSync(module, 'TEXT');
    const compile = "module._compile('exports.f = (x) => 3 * x; exports.default = () => exports.f(7)', path)";
    writeFileSync(hook, `require.extensions['.unread'] = (module, path) => ${compile};`);
    const paths = JSON.stringify([['f'], ['default', 'f'], ['default', 'default']]);
    const code = `
      import { createResolver } from '#workers/resolve.js';
      const resolve = createResolver({ main: undefined, onMain() {}, fresh: false });
      for (const path of ${paths}) {
        const { fn } = await resolve({ kind: 'export', module: ${JSON.stringify(pathToFileURL(module).href)}, path });
        console.log(fn(2));
      }`;
    const { stdout } = await run(['-r', hook, '--input-type=module', '-e', code]);
    expect(stdout).toBe('6\n6\n21\n');
  });

  it('tells when it is of the main script, before that is imported', async () => {
    const onMain = jest.fn();
    const main = at('module.mjs');
    await resolver(main, onMain)({ kind: 'export', module: at('forms.js'), path: ['plain'] });
    expect(onMain).not.toHaveBeenCalled();
    await resolver(main, onMain)({ kind: 'export', module: `${main}?again`, path: ['inMjs'] });
    expect(onMain).toHaveBeenCalledTimes(1);
  });

  it('to an object without the default that Node puts around CommonJS is found in it', async () => {
    const module = 'data:text/javascript,export const kit = { f() { return this === kit; } }';
    expect(called(await resolve({ kind: 'export', module, path: ['default', 'kit', 'f'] }))).toBe(true);
  });
});

describe('a reference to a global function', () => {
  it('is the function, called with its owner', async () => {
    expect(called(await resolve({ kind: 'global', path: ['Math', 'sqrt'] }), 81)).toBe(9);
    const { self } = await resolve({ kind: 'global', path: ['Promise', 'resolve'] });
    expect(self).toBe(Promise);
  });

  it('fails where there is none', async () => {
    const missing = Promise.resolve(resolve({ kind: 'global', path: ['Math', 'squirt'] }));
    expect(await rejection(missing)).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
  });
});

describe('a reference to a function by its text', () => {
  it.each([
    ['(x) => x + 1', 2],
    ['function (x) { return x + 1; }', 2],
    ['named(x) { return x + 1; }', 2],
    ['async(x) { return x + 1; }', 2],
    ["'a b'(x) { return x + 1; }", 2],
    ['(x) => __name((y) => y + 1, "inner")(x)', 2],
  ])('is compiled: %s', async (text, result) => {
    expect(called(await resolve(source(text)), 1)).toBe(result);
  });

  it('sees the globals, and nothing of where it is compiled', async () => {
    const text = '() => [typeof process, typeof require, typeof reference, typeof vm, typeof text]';
    expect(called(await resolve(source(text)))).toEqual(['object', ...Array<string>(4).fill('undefined')]);
  });

  it('is strict or sloppy as it was', async () => {
    const text = 'function () { return this === undefined; }';
    expect(called(await resolve(source(text, true)))).toBe(true);
    expect(called(await resolve(source(text, false)))).toBe(false);
  });

  it('fails where the text is no function', async () => {
    expect(await rejection(Promise.resolve(resolve(source('x +'))))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: 'Cannot compile the text of a function by itself: x +',
    });
  });
});

describe('a reference within this program', () => {
  it('is the function itself', async () => {
    const fn = (): number => 1;
    expect(await resolve({ kind: 'local', fn, self: undefined })).toEqual({ fn, self: undefined });
  });
});

describe('modules that are being evaluated', () => {
  it('may wait for a pool that runs their own functions', async () => {
    expect(await run([program('module-awaits.js')])).toMatchObject({ stdout: '[2,4] [1,4] [1,8]\n', stderr: '' });
  });
});
