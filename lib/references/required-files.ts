import { createRequire } from 'node:module';
import { types } from 'node:util';
import { pathTo, valueOf } from './own-path.js';

const require = createRequire(import.meta.url);

/** The CommonJS module that `require` has of a file, which a loader may have made from an ES module. Undefined if it has none. */
export function requiredFile(path: string): { readonly exports: unknown } | undefined {
  const module = require.cache[path];
  return module === undefined || types.isModuleNamespaceObject(module.exports) ? undefined : module;
}

/**
 * CommonJS files in which the function may stand: those that export it, by its own name if it has one, the newest first; then the
 * main script. Not those that export it by another name, or export its owner: looking for these too takes 20 ms in a program that
 * has loaded much (measured).
 */
export function* requiredFilesOf(fn: { readonly name?: unknown }): Generator<string> {
  for (const path of Object.keys(require.cache).toReversed()) if (isExported(fn, path)) yield path;
  const main = require.main?.filename;
  if (main !== undefined) yield main;
}

/** Calls no getters of a file, except those that merely return a variable. */
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
