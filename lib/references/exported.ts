import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExportReference, GlobalReference } from '../wire/reference.js';
import { builtinsOf } from './builtin.js';
import { inferredDefault, type Path } from './default-export.js';
import { exportsOf, type Exports } from './exports-of.js';
import type { Inspection, Script } from './inspection.js';

const require = createRequire(import.meta.url);

interface Found {
  readonly path: Path;
  /** Whether it goes before the function's text; else it is inferred, and for what cannot go by its text. */
  readonly sure: boolean;
  /** Whether the path may lead to another function in a worker. */
  readonly changeable: boolean;
}

/** A function that its module exports. */
export interface Exported {
  /** With the function's text where a worker may find another one. */
  readonly reference: ExportReference;
  /** Whether it goes before the function's text; else it is inferred, and for what cannot go by its text. */
  readonly sure: boolean;
}

/** The reference of a function that its own module exports; undefined for any other. */
export function exportedReference(fn: object, inspection: Inspection, script: Script): Exported | undefined {
  const { url } = script;
  if (url.startsWith('node:')) return builtinReference(fn, url);
  const found = script.isModule ? moduleExport(fn, inspection, script) : commonJsExport(fn, url);
  if (found === undefined) return undefined;
  const { path, sure, changeable } = found;
  return { sure, reference: { kind: 'export', module: url, path, ...(changeable ? { text: String(fn) } : {}) } };
}

/** What a function is a member of, where its module exports that: the object or class that it is called with as `this`. */
export function exportedOwner(fn: object, inspection: Inspection, script: Script): unknown {
  if (!script.isModule) return commonJsOwner(fn, script.url);
  const { names } = exportsIn(script);
  const binding = inspection.moduleBindings().find(([variable]) => names.has(variable));
  return binding === undefined || binding.length < 2 ? undefined : inspection.moduleValue(binding.slice(0, -1));
}

function commonJsOwner(fn: object, url: string): unknown {
  const path = commonJsExport(fn, url)?.path.slice(1) ?? [];
  let owner: unknown = path.length === 0 ? undefined : require.cache[fileURLToPath(url)]?.exports;
  for (const name of path.slice(0, -1)) owner = (owner as Record<string, unknown>)[name];
  return owner;
}

/**
 * By the values of the module's variables, which V8 shows even while the module is being evaluated, as a main script is
 * that awaits the pool at its top level; and by the text, which says what of them is exported, under which name.
 */
function moduleExport(fn: object, inspection: Inspection, script: Script): Found | undefined {
  const exports = exportsIn(script);
  const { names, variables } = exports;
  const all = inspection.moduleBindings().flatMap(([variable, ...member]): Found[] => {
    const name = names.get(variable);
    const changeable = variables.has(variable) || !isNamed(fn, member.at(-1) ?? variable);
    return name === undefined ? [] : [{ path: [name, ...member], sure: true, changeable }];
  });
  const seen = all.find(({ changeable }) => !changeable) ?? all[0];
  return seen ?? defaultExport(fn, script.source, exports);
}

/** One that bears another name than where it is found was put there, and another one may be there in a worker. */
function isNamed(fn: object, name: string): boolean {
  return (fn as { name: unknown }).name === name;
}

/** Inferred, so the worker compares the text before it calls what it finds. Of a member only the way by its owner has its `this`. */
function defaultExport(fn: object, source: string, exports: Exports): Found | undefined {
  const inferred = inferredDefault(fn, source, exports);
  if (inferred === undefined) return undefined;
  const { path, stands } = inferred;
  return { path, sure: stands && (path.length === 1 || mentionsThis(fn)), changeable: true };
}

/** Or `super`, which is of the same. */
export function mentionsThis(fn: object): boolean {
  return /\b(?:this|super)\b/.test(String(fn));
}

const known = new WeakMap<Script, Exports>();

function exportsIn(script: Script): Exports {
  let exports = known.get(script);
  if (exports === undefined) known.set(script, (exports = exportsOf(script.source)));
  return exports;
}

/** In CommonJS, `module.exports` itself or what it holds; a worker imports the module, so that is its `default`. */
function commonJsExport(fn: object, url: string): Found | undefined {
  if (!url.startsWith('file:')) return undefined;
  const module = require.cache[fileURLToPath(url)] as { exports?: unknown } | undefined;
  const path = pathTo(fn, module?.exports, 2) ?? methodPath(fn, module?.exports);
  const name = path?.at(-1);
  return path && { path: ['default', ...path], sure: true, changeable: name !== undefined && !isNamed(fn, name) };
}

/** The path to a method of an exported class. */
function methodPath(fn: object, exports: unknown): string[] | undefined {
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return undefined;
  for (const key of ['', ...Object.getOwnPropertyNames(exports)]) {
    const owner: unknown = key === '' ? exports : valueOf(exports, key);
    const rest = typeof owner === 'function' ? pathTo(fn, owner.prototype, 1) : undefined;
    if (rest?.[0] !== undefined) return [...(key === '' ? [] : [key]), 'prototype', ...rest];
  }
  return undefined;
}

/** The public module that a function of Node's own belongs to: its script may be an internal one. */
function builtinReference(fn: object, url: string): Exported | undefined {
  for (const [name, exports] of builtinsOf(url)) {
    const path = pathTo(fn, exports, 2);
    if (path?.[0] === undefined) continue;
    return { sure: true, reference: { kind: 'export', module: `node:${name}`, path: ['default', ...path] } };
  }
  return undefined;
}

/** The reference of a function of the language or the platform; undefined for any other. */
export function globalReference(fn: object): GlobalReference | undefined {
  const path = pathTo(fn, globalThis, 2);
  return path?.[0] === undefined ? undefined : { kind: 'global', path: path as Path };
}

/** How to come from an object to a function by own properties, without calling a getter; [] when it is the object itself. */
function pathTo(fn: object, from: unknown, depth: number): string[] | undefined {
  if (from === fn) return [];
  if (depth === 0 || from === null || (typeof from !== 'object' && typeof from !== 'function')) return undefined;
  const values = Object.getOwnPropertyNames(from).map((key) => [key, valueOf(from, key)] as const);
  const own = values.find(([, value]) => value === fn);
  if (own !== undefined) return [own[0]];
  for (const [key, value] of values) {
    if (key === 'prototype' || value === globalThis) continue;
    const rest = pathTo(fn, value, depth - 1);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}

/** A getter is called only where it is known to be harmless. */
function valueOf(owner: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (typeof descriptor?.get !== 'function') return descriptor?.value as unknown;
  return isNodes(owner, key) || isMereVariable(descriptor) ? (owner as Record<string, unknown>)[key] : undefined;
}

/** Globals such as `process` are made by getters of Node's own. */
function isNodes(owner: object, key: string): boolean {
  return owner === globalThis && /^(?:process|Buffer|performance)$/.test(key);
}

/** `() => square`, `() => from[key]`: so do esbuild and tsx write the exports of a CommonJS module. */
function isMereVariable({ get }: { readonly get?: unknown }): boolean {
  return /^\(\)\s*=>\s*[\w$]+(?:\[[\w$]+\]|\.[\w$]+)?$/.test(String(get));
}
