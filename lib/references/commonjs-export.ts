import { fileURLToPath } from 'node:url';
import type { Found, Owner } from './exported.js';
import { pathTo, valueOf } from './own-path.js';
import { requiredFile } from './required-files.js';
import type { Script } from './inspection.js';
import type { UnknownThis } from './this.js';
import { isNamed, wayTaken, waysIn, type Way } from './ways.js';

/**
 * Looks in the exports that `require` has of the file; a worker finds them under `default`. Any of them can be replaced, so the
 * text is compared there, but not that of a file that a loader has changed: imported, it may have another text.
 */
export function commonJsExport(fn: object, { url, isFile }: Script): Found | UnknownThis | undefined {
  const way = wayTaken(fn, waysTo(fn, exportsOf(url)));
  if (way === undefined || 'method' in way) return way;
  const name = way.path.at(-1);
  return {
    path: ['default', ...way.path],
    sure: true,
    mayDiffer: isFile || (name !== undefined && !isNamed(fn, name)),
  };
}

/** The object or class that the function is a member of: the file's exports, or one of their members. */
export function commonJsOwner(fn: object, url: string): Owner | UnknownThis | undefined {
  const exports = exportsOf(url);
  const way = wayTaken(fn, waysTo(fn, exports));
  if (way === undefined || 'method' in way) return way;
  return { self: way.path.length === 0 ? undefined : memberOf(exports, way.path.slice(0, -1)) };
}

function exportsOf(url: string): unknown {
  return url.startsWith('file:') ? requiredFile(fileURLToPath(url))?.exports : undefined;
}

/** Puts first the way by any property that leads there, even a getter that merely returns a variable. */
function waysTo(fn: object, exports: unknown): Way[] {
  const path = pathTo(fn, exports, 2);
  const first = path === undefined ? [] : [{ path, by: 'itself', owner: ownerOf(exports, path) } as const];
  return [...first, ...waysByOwners(fn, exports)];
}

/** Undefined for the exports themselves: their direct members count as exported, not as owned. */
function ownerOf(exports: unknown, path: readonly string[]): unknown {
  return path.length < 2 ? undefined : memberOf(exports, path.slice(0, -1));
}

function memberOf(exports: unknown, path: readonly string[]): unknown {
  return path.reduce((owner, name) => (owner as Record<string, unknown>)[name], exports);
}

function waysByOwners(fn: object, exports: unknown): Way[] {
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return [];
  const own = waysIn(fn, exports).map(({ path, by, owner }): Way => ({
    path,
    by,
    owner: owner === exports ? undefined : owner,
  }));
  const members = Object.getOwnPropertyNames(exports).flatMap((key) =>
    waysIn(fn, valueOf(exports, key)).map(({ path, by, owner }): Way => ({ path: [key, ...path], by, owner })),
  );
  return [...own, ...members];
}
