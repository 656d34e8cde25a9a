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
  const statements = source.matchAll(/^(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gm);
  for (const [, type, names = '', specifier = ''] of statements) {
    const braces = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
    const allTypes =
      braces !== undefined && braces.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
    if (!specifier.startsWith('.')) outside.push(specifier);
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
    expect(users.filter((file) => !file.startsWith('lib/cli/'))).toEqual([]);
  });

  it('depends at run time on what package.json names, and on nothing else', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = new Set(
      files.flatMap((file) => importsOf(file).outside).filter((specifier) => !specifier.startsWith('node:')),
    );
    expect([...used].map((specifier) => specifier.split('/')[0]).toSorted()).toEqual(
      Object.keys(dependencies).toSorted(),
    );
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
