import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers, SEEN_BY_ALL, type Layer } from './layers.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const files = ['lib', 'workers'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => normalize(`${folder}/${path}`)),
);

const layerOf = (file: string): Layer | undefined => layers.find((layer) => layer.files.test(file));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** The imports and re-exports of a file that lead to other files of the house, and those that lead outside. */
function importsOf(from: string): { inside: Import[]; outside: string[] } {
  const source = readFileSync(join(root, from), 'utf8');
  const inside: Import[] = [];
  const outside: string[] = [];
  // What is imported as a type is gone when the program runs.
  const statements = source.matchAll(/^(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gm);
  for (const [, type, names = '', specifier = ''] of statements) {
    const braces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
    const allTypes =
      braces !== undefined && braces.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
    if (!specifier.startsWith('.') && !(type !== undefined || allTypes)) outside.push(specifier);
    else if (!specifier.startsWith('.')) continue;
    else
      inside.push({
        from,
        to: normalize(join(dirname(from), specifier)).replace(/\.js$/, '.ts'),
        typeOnly: type !== undefined || allTypes,
      });
  }
  return { inside, outside };
}

describe('the house', () => {
  it.each(files)('%s belongs to a layer', (file) => {
    expect(layerOf(file)?.name).toBeDefined();
  });

  it.each(files)('%s imports downwards only', (file) => {
    const own = layerOf(file) as Layer;
    const forbidden = importsOf(file).inside.filter(({ to, typeOnly }) => {
      const other = layerOf(to)?.name ?? 'nowhere';
      if (other === own.name) return own.within !== true;
      if (other === SEEN_BY_ALL) return false;
      return !own.sees.includes(other) || (own.typesOf?.includes(other) === true && !typeOnly);
    });
    expect(forbidden).toEqual([]);
  });

  it.each(files)('%s imports files that exist', (file) => {
    expect(importsOf(file).inside.filter(({ to }) => !existsSync(join(root, to)))).toEqual([]);
  });

  it('has no import of the door', () => {
    const users = files.filter((file) => importsOf(file).inside.some(({ to }) => to === 'lib/index.ts'));
    expect(users.filter((file) => !/^lib\/(?:cli|compare)\//.test(file))).toEqual([]);
  });

  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as {
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
    peerDependenciesMeta: Record<string, { optional: boolean }>;
  };

  /** The packages that files import when they are loaded. */
  const packagesOf = (some: readonly string[]): string[] => {
    const used = some.flatMap((file) => importsOf(file).outside).filter((specifier) => !specifier.startsWith('node:'));
    return [...new Set(used.map((specifier) => specifier.split('/')[0] as string))].toSorted();
  };
  const isCommand = (file: string): boolean => layerOf(file)?.name === 'command';

  it('depends at run time on what package.json names, and on nothing else', () => {
    expect(packagesOf(files)).toEqual(Object.keys(dependencies).toSorted());
  });

  it('needs one small package for the library, and what else there is for the command alone', () => {
    expect(packagesOf(files.filter((file) => !isCommand(file)))).toEqual(['p-defer']);
  });

  it('loads what draws a report only when there is one, and asks nobody to install it', () => {
    const drawn = files.filter((file) => /await .*import\('vega'\)/.test(readFileSync(join(root, file), 'utf8')));
    expect(drawn).toEqual(['lib/compare/plots.ts']);
    expect(Object.keys(peerDependencies)).toEqual(['vega', 'vega-lite']);
    expect(Object.values(peerDependenciesMeta).every(({ optional }) => optional)).toBe(true);
  });

  it('has no circle of values', () => {
    const values = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .inside.filter(({ typeOnly }) => !typeOnly)
          .map(({ to }) => to),
      ]),
    );
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      else for (const to of values.get(file) ?? []) visit(to, [...path, file]);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});
