import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The house, from the top down. A file belongs to the first layer with a pattern that fits it. It may import from its own
 * layer where that says `within`, and from those it names in `sees`.
 */
const layers = [
  { name: 'door', files: /^lib\/index\.ts$/, sees: ['pools', 'jobs', 'references', 'words', 'wire'] },
  {
    name: 'pools',
    files: /^lib\/(?:pool|thread-pool|async-pool|options)\.ts$/,
    within: true,
    sees: ['jobs', 'parts', 'references', 'seam', 'words', 'wire', 'machine'],
  },
  {
    name: 'parts',
    files: /^lib\/local\/parts\.ts$/,
    sees: ['pools', 'local', 'machine', 'transports', 'pipe', 'references', 'seam', 'words', 'wire'],
    typesOf: ['pools'],
  },
  { name: 'jobs', files: /^lib\/jobs\//, within: true, sees: ['seam', 'words', 'wire'] },
  { name: 'references', files: /^lib\/references\//, within: true, sees: ['words', 'wire'] },
  { name: 'machine', files: /^lib\/local\/(?:parallelism|cgroup|oom-kills)\.ts$/, within: true, sees: [] },
  {
    name: 'local',
    files: /^lib\/local\/(?:local-executor|workforce|pool-worker|queue|pace|lifecycle)\.ts$/,
    within: true,
    sees: ['pipe', 'seam', 'words', 'wire'],
  },
  {
    name: 'transports',
    files: /^lib\/local\/(?:fork|thread|loop|last-lines|guardian)\.ts$/,
    within: true,
    sees: ['pipe', 'machine', 'words', 'wire', 'workers'],
  },
  { name: 'pipe', files: /^lib\/local\/transport\.ts$/, sees: ['words', 'wire'] },
  { name: 'seam', files: /^lib\/executor\.ts$/, sees: ['wire'] },
  {
    name: 'words',
    files: /^lib\/(?:async-result|diagnostics|main-script|metrics|task-of|timers)\.ts$/,
    within: true,
    sees: ['errors', 'wire', 'seam', 'local'],
    typesOf: ['seam', 'local'],
  },
  { name: 'wire', files: /^lib\/wire\//, within: true, sees: ['errors'] },
  { name: 'errors', files: /^lib\/errors\.ts$/, sees: [] },
  { name: 'workers', files: /^workers\//, within: true, sees: ['wire', 'errors'] },
] as const satisfies readonly Layer[];

interface Layer {
  readonly name: string;
  readonly files: RegExp;
  readonly within?: true;
  readonly sees: readonly string[];
  /** Of what it sees, the layers above it, of which it may know the types alone. */
  readonly typesOf?: readonly string[];
}

/** `errors` is seen by everyone: it holds the words of what goes wrong. */
const SEEN_BY_ALL = 'errors';

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
