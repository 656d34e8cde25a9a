import { functionText } from '../wire/function-text.js';
import type { ExportReference, GlobalReference } from '../wire/reference.js';
import { builtinsOf } from './builtin.js';
import { commonJsExport, commonJsOwner } from './commonjs-export.js';
import type { Inspection, Script } from './inspection.js';
import { moduleExport, moduleOwner } from './module-export.js';
import { pathTo } from './own-path.js';
import type { UnknownThis } from './this.js';
import type { Path } from './ways.js';

/** Where a function is found in its module's exports. */
export interface Found {
  readonly path: Path;
  /** Whether it is sent by this name even if its text could be sent. */
  readonly sure: boolean;
  /** Whether the path may lead to another function in a worker. */
  readonly mayDiffer: boolean;
}

/** A function that its module exports. */
export interface Exported {
  /** Includes the function's text if a worker may find another function there. */
  readonly reference: ExportReference;
  /** Whether it is sent by this name even if its text could be sent. */
  readonly sure: boolean;
}

/** The reference of a function that its own module exports; undefined for any other. */
export function exportedReference(
  fn: object,
  inspection: Inspection,
  script: Script,
): Exported | UnknownThis | undefined {
  const { url } = script;
  if (url.startsWith('node:')) return builtinReference(fn, url);
  const found = script.isModule ? moduleExport(fn, inspection, script) : commonJsExport(fn, script);
  if (found === undefined || 'method' in found) return found;
  const { path, sure, mayDiffer } = found;
  return { sure, reference: { kind: 'export', module: url, path, ...(mayDiffer ? { text: functionText(fn) } : {}) } };
}

/** The exported object or class that a function is a member of, and is called with as `this`. */
export function exportedOwner(fn: object, inspection: Inspection, script: Script): Owner | UnknownThis | undefined {
  return script.isModule ? moduleOwner(fn, inspection, script) : commonJsOwner(fn, script.url);
}

export interface Owner {
  readonly self: unknown;
}

/** Finds the public module of one of Node's own functions, whose script may be internal. */
function builtinReference(fn: object, url: string): Exported | undefined {
  for (const [name, exports] of builtinsOf(url)) {
    const path = pathTo(fn, exports, 2);
    if (path?.[0] === undefined) continue;
    return { sure: true, reference: { kind: 'export', module: `node:${name}`, path: ['default', ...path] } };
  }
  return undefined;
}

/** The reference of a global function of Node's in JavaScript, which may be global under another name than its own. */
export function globalReference(fn: object): GlobalReference | undefined {
  return nativeReference(fn) ?? globalAt(pathTo(fn, globalThis, 2));
}

/**
 * The reference of a native function that is global under its own name, as all of them are; undefined for any other. A program
 * may also make it, or a bound one, global under another name, where a worker has another function or none.
 */
export function nativeReference(fn: object): GlobalReference | undefined {
  const { name } = fn as { readonly name: unknown };
  return typeof name === 'string' ? globalAt(pathTo(fn, globalThis, 2, name)) : undefined;
}

function globalAt(path: readonly string[] | undefined): GlobalReference | undefined {
  return path?.[0] === undefined ? undefined : { kind: 'global', path: path as unknown as Path };
}
