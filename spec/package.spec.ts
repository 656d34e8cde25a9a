import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInside, linksOf } from './docs/helpers.js';
import { leavesNoChild, temporaryFiles } from './helpers.js';

leavesNoChild();
const temporary = temporaryFiles();

const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly main: string;
  readonly types: string;
}
const { exports, bin, main, types } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** What `npm publish` would take. */
const [{ files }] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
) as [{ files: readonly { readonly path: string; readonly size: number }[] }];
const packed = new Set(files.map(({ path }) => path));

/** What starts by itself, by its URL. */
const started = ['dist/workers/process.cjs', 'dist/workers/thread.cjs', 'dist/lib/bundled/one-at-a-time.js'];

/** The files that a file of ours imports or requires. */
function usedBy(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
  const specifiers = code.matchAll(
    /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["'](\.{1,2}\/[^"']+|#lib\/[^"']+)["']/g,
  );
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('#') ? join('dist', specifier.slice(1)) : normalize(join(dirname(file), specifier)),
  );
}

/** Those, and all that they need. */
function reached(from: readonly string[]): Set<string> {
  const all = new Set(from);
  for (const file of all) if (/\.c?js$/.test(file)) for (const used of usedBy(file)) all.add(used);
  return all;
}

describe('the package', () => {
  const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)));
  const needed = reached([...entries, ...Object.values(bin), ...started].map((path) => normalize(path)));

  it('holds all that its entries need, and what workers start from', () => {
    expect([...needed].filter((file) => !packed.has(file))).toEqual([]);
    expect(needed).toContain('dist/lib/errors.cjs');
  });

  const pages = [...packed].filter((path) => path.endsWith('.md'));

  it.each(pages)('holds what its %s links to', (page) => {
    const targets = linksOf(page)
      .filter((link) => isInside(link) && !link.startsWith('#'))
      .map((link) => normalize(join(dirname(page), link.replace(/#.*/, ''))));
    expect(targets.filter((target) => !packed.has(target))).toEqual([]);
  });

  it('works within a bundle that leaves it out', () => {
    const outfile = temporary('bundle.mjs');
    const program = `
      import { Pool } from 'forkpool';
      const pool = new Pool(1);
      console.log(await pool.map((x) => x * 2, [1, 2]));
      await pool.close();`;
    const flags = ['--bundle', '--platform=node', '--format=esm', '--external:forkpool', `--outfile=${outfile}`];
    execFileSync(join(root, 'node_modules/.bin/esbuild'), flags, { cwd: root, input: program, stdio: 'pipe' });
    // The bundle lies outside, where no package is found by its name.
    const there = readFileSync(outfile, 'utf8').replace('"forkpool"', JSON.stringify(import.meta.resolve('forkpool')));
    writeFileSync(outfile, there);
    expect(execFileSync(process.execPath, [outfile], { encoding: 'utf8' })).toBe('[ 2, 4 ]\n');
  });

  it('shows editors that a pool has one argument', () => {
    const constructors = readFileSync(join(root, 'dist/lib/pool.d.ts'), 'utf8').match(/constructor\(.*/g);
    expect(constructors).toEqual(['constructor(options?: number | GivenPoolOptions<InitArgs>);']);
  });

  it('is found by its name where `exports` is not read', () => {
    expect(exports['.']).toEqual({ types, default: main });
  });

  it('holds no page of a size that nobody wants to install', () => {
    const sizes = files.filter(({ path }) => path.startsWith('docs')).map(({ size }) => size);
    expect(Math.max(...sizes)).toBeLessThan(2 ** 20);
  });
});
