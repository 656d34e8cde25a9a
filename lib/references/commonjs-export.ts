import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Found, Owner } from './exported.js';
import { pathTo, valueOf } from './own-path.js';
import type { UnknownThis } from './this.js';
import { isNamed, wayTaken, waysIn, type Way } from './ways.js';

const require = createRequire(import.meta.url);

/** By what `require` has of the file. A worker finds that under `default`. */
export function commonJsExport(fn: object, url: string): Found | UnknownThis | undefined {
  const way = wayTaken(fn, waysTo(fn, exportsOf(url)));
  if (way === undefined || 'method' in way) return way;
  const name = way.path.at(-1);
  return { path: ['default', ...way.path], sure: true, mayDiffer: name !== undefined && !isNamed(fn, name) };
}

/** The object or class of the file's exports, or these, that the function is a member of. */
export function commonJsOwner(fn: object, url: string): Owner | UnknownThis | undefined {
  const exports = exportsOf(url);
  const way = wayTaken(fn, waysTo(fn, exports));
  if (way === undefined || 'method' in way) return way;
  if (way.path.length === 0) return undefined;
  return { self: way.path.slice(0, -1).reduce((owner, name) => (owner as Record<string, unknown>)[name], exports) };
}

function exportsOf(url: string): unknown {
  return url.startsWith('file:') ? require.cache[fileURLToPath(url)]?.exports : undefined;
}

function waysTo(fn: object, exports: unknown): Way[] {
  const path = pathTo(fn, exports, 2);
  return [...(path === undefined ? [] : [{ path, by: 'itself' } as const]), ...waysByClass(fn, exports)];
}

/** An object that is exported under several names is one. */
function waysByClass(fn: object, exports: unknown): Way[] {
  const owners = new Map<unknown, string[]>([[exports, []]]);
  if (exports !== null && (typeof exports === 'object' || typeof exports === 'function')) {
    for (const key of Object.getOwnPropertyNames(exports)) {
      const owner = valueOf(exports, key);
      if (!owners.has(owner)) owners.set(owner, [key]);
    }
  }
  const all = [...owners].flatMap(([owner, before]) =>
    waysIn(fn, owner).map(({ path, by }): Way => ({ path: [...before, ...path], by })),
  );
  return all.filter(({ by }) => by !== 'itself');
}
