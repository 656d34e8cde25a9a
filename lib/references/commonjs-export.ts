import { fileURLToPath } from 'node:url';
import type { Found, Owner } from './exported.js';
import { pathTo, valueOf } from './own-path.js';
import { requiredFile } from './required-files.js';
import type { Script } from './inspection.js';
import type { UnknownThis } from './this.js';
import { isNamed, wayTaken, waysIn, type Way } from './ways.js';

/**
 * By what `require` has of the file. A worker finds that under `default`: all of it can be replaced. What a loader has made of the
 * file may be another text there, where it is imported.
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

/** The object or class of the file's exports, or these, that the function is a member of. */
export function commonJsOwner(fn: object, url: string): Owner | UnknownThis | undefined {
  const exports = exportsOf(url);
  const way = wayTaken(fn, waysTo(fn, exports));
  if (way === undefined || 'method' in way) return way;
  return { self: way.path.length === 0 ? undefined : memberOf(exports, way.path.slice(0, -1)) };
}

function exportsOf(url: string): unknown {
  return url.startsWith('file:') ? requiredFile(fileURLToPath(url))?.exports : undefined;
}

/** The first by whatever leads there, also by a getter that is a mere variable. */
function waysTo(fn: object, exports: unknown): Way[] {
  const path = pathTo(fn, exports, 2);
  const first = path === undefined ? [] : [{ path, by: 'itself', owner: ownerOf(exports, path) } as const];
  return [...first, ...waysByOwners(fn, exports)];
}

/** Undefined for the exports: what is a member of these alone is itself exported. */
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
