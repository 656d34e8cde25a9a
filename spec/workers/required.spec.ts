import { describe, expect, it } from '@jest/globals';
import { Pool } from 'forkpool';
import { run } from '../fixtures/run-program.js';
import { poolsOf } from '../pools.js';

const at = (file: string): string => new URL(`../fixtures/modules/${file}`, import.meta.url).href;
const make = poolsOf();

/** What an expression with `of`, the module as `required` has it, is in a Node of its own: jest has a loader of its own. */
async function told(module: string, expression: string, flags: string[] = [], env = {}, name = 'x'): Promise<string> {
  const program = `
    // Less what brings this program.
    process.execArgv = ${JSON.stringify(flags)};
    globalThis.require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
    const { required } = await import(${JSON.stringify(new URL('../../dist/workers/required.js', import.meta.url).href)});
    const url = ${JSON.stringify(module)};
    const of = required(url, ${JSON.stringify(name)});
    console.log(${expression});`;
  const { stdout, stderr } = await run([...flags, '--input-type=module', '--eval', program], { env });
  return stdout.trim() + stderr;
}

describe('a module by require', () => {
  it.each(['forms.js', 'module.mjs'])('is the one that import gives: %s', async (file) => {
    expect(await told(at(file), 'of === await import(url), of !== undefined')).toBe('true true');
  });

  it.each([
    ['its name', at('several.cjs')],
    ['its package', new URL('../../node_modules/ms/index.js', import.meta.url).href],
    ['its text', at('untyped/common.js')],
  ])('is `default` of the one that import gives, where it is CommonJS by %s', async (_by, module) => {
    const same = 'Object.keys(of), of.default === (await import(url)).default';
    expect(await told(module, same, [], {}, 'default')).toBe("[ 'default' ] true");
  });

  it('is undefined for an ES module of which only its text says so', async () => {
    expect(await told(at('untyped/module.js'), 'of', [], {}, 'default')).toMatch(/^undefined/);
  });

  it.each([
    ['another name of CommonJS', at('several.cjs')],
    ['another name of CommonJS by its package', new URL('../../node_modules/ms/index.js', import.meta.url).href],
    ['one that says itself what require gives', at('for-require.js')],
    ['one that waits at its top', at('awaits.js')],
    ['a file that is not there', at('nowhere.js')],
    ['one that a query tells apart', at('forms.js?again')],
    ['a kind that another loader must know', at('forms.ts')],
    ['no file', 'data:text/javascript,export const x = 1'],
    ['a package', 'node:path'],
  ])('is undefined for %s', async (_what, module) => {
    expect(await told(module, 'of')).toBe('undefined');
  });

  it('throws what the module throws', async () => {
    expect(await told(at('throws.js'), 'of')).toMatch(/RangeError: not today/);
  });

  it('throws what CommonJS throws that does not find what it needs: it has run up to there', async () => {
    expect(await told(at('needs-missing.cjs'), 'of', [], {}, 'default')).toMatch(/Cannot find module '.\/nowhere.cjs'/);
  });

  it.each([
    '--import=node:path',
    '--require=node:path',
    '-r node:path',
    `--experimental-loader=data:text/javascript,`,
    '--experimental_loader=data:text/javascript,',
    '--no-experimental-require-module',
  ])('is undefined where it may not be the same: %s', async (flag) => {
    expect(await told(at('forms.js'), 'of', flag.split(' '))).toMatch(/^undefined/);
    const quoted = flag
      .split(' ')
      .map((part) => `"${part}"`)
      .join(' ');
    expect(await told(at('forms.js'), 'of', [], { NODE_OPTIONS: quoted })).toMatch(/^undefined/);
    expect(await told(at('forms.js'), 'of', [], { NODE_OPTIONS: `--no-warnings ${flag}` })).toMatch(/^undefined/);
  });
});

describe('the first module of a child', () => {
  it('goes by the hooks that a flag puts in', async () => {
    const module = (text: string): string => `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
    const hooks = module(`export async function load(url, context, next) {
      const loaded = await next(url, context);
      if (!url.endsWith('forms.js')) return loaded;
      return { ...loaded, source: String(loaded.source).replaceAll('of the module', 'of the hook') };
    }`);
    const register = module(`import { register } from 'node:module'; register('${hooks}');`);
    const pool = make(Pool, { processes: 1, execArgv: ['--import', register] });
    const { arrow } = (await import(at('forms.js'))) as { arrow: (x: number) => unknown };
    expect(await pool.apply(arrow, [1])).toEqual(['arrow', 1, 'of the hook']);
  });
});
