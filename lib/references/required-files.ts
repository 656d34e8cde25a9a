import { createRequire } from 'node:module';
import { types } from 'node:util';
import { pathTo, valueOf } from './own-path.js';

const require = createRequire(import.meta.url);

/** What `require` has of a file as CommonJS: a loader may have made that of a module. Undefined where it has none. */
export function requiredFile(path: string): { readonly exports: unknown } | undefined {
  const module = require.cache[path];
  return module === undefined || types.isModuleNamespaceObject(module.exports) ? undefined : module;
}

/**
 * Files of CommonJS in which the function may stand: those that export it, by its own name if it has one, the newest first; then
 * the main script. Not those that export it by another name, or what it is a member of: to look for that, too, takes 20 ms
 * where a program has loaded much (measured).
 */
export function* requiredFilesOf(fn: { readonly name?: unknown }): Generator<string> {
  for (const path of Object.keys(require.cache).toReversed()) if (isExported(fn, path)) yield path;
  const main = require.main?.filename;
  if (main !== undefined) yield main;
}

/** No file's own getters are called, save those that are mere variables: they are not asked for what they export. */
function isExported(fn: { readonly name?: unknown }, path: string): boolean {
  try {
    const exports = Object.getOwnPropertyDescriptor(require.cache[path], 'exports')?.value as unknown;
    if (types.isModuleNamespaceObject(exports)) return false;
    const { name } = fn;
    if (typeof name !== 'string' || name === '') return pathTo(fn, exports, 1) !== undefined;
    return exports === fn || (Object(exports) === exports && valueOf(exports as object, name) === fn);
  } catch {
    // A variable that has no value yet, or a Proxy that was revoked.
    return false;
  }
}
