import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { isInside, linksOf, read, root } from './helpers.js';

const documents = ['', 'docs', 'bench', 'lib', 'workers', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '', encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => normalize(join(folder, path))),
);

/** The anchors of its headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const prose = read(document).replaceAll(/^```[\s\S]*?^```$/gm, '');
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** Why a link leads nowhere; undefined when it does not. */
function broken(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(root, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined) return undefined;
  if (statSync(join(root, target)).isDirectory()) return `${link}: a folder has no anchors`;
  return anchorsOf(target).includes(anchor) ? undefined : `${link}: ${target} has no such heading`;
}

describe.each(documents)('%s', (document) => {
  const links = linksOf(document);

  it('links to files and headings that exist', () => {
    const inside = links.filter(isInside);
    expect(inside.map((link) => broken(document, link)).filter(Boolean)).toEqual([]);
  });

  it('links outside by https', () => {
    expect(links.filter((link) => !isInside(link) && !link.startsWith('https://'))).toEqual([]);
  });
});
