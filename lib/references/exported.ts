import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExportReference, GlobalReference } from '../wire/reference.js';
import type { Inspection, Script } from './inspection.js';

const require = createRequire(import.meta.url);

type Path = [string, ...string[]];

/** The reference of a function that its own module exports; undefined for any other. */
export function exportedReference(fn: object, inspection: Inspection, script: Script): ExportReference | undefined {
  const { url } = script;
  if (url.startsWith('node:')) return builtinReference(fn, url);
  const path = script.isModule ? moduleExport(fn, inspection, script) : commonJsExport(fn, url);
  return path && { kind: 'export', module: url, path: path.names, ...(path.seen ? {} : { text: String(fn) }) };
}

/**
 * By the values of the module's variables, which V8 shows even while the module is being evaluated, as a main script is
 * that awaits the pool at its top level; and by the text, which says what of them is exported, under which name.
 */
function moduleExport(
  fn: object,
  inspection: Inspection,
  { source }: Script,
): { names: Path; seen: boolean } | undefined {
  for (const [variable, ...member] of inspection.moduleBindings()) {
    const name = exportedName(source, variable);
    if (name !== undefined) return { names: [name, ...member], seen: true };
  }
  const rest = /\bexport\s+default\s+(?!from\b)([\s\S]*)/.exec(source)?.[1] ?? '';
  if (rest.startsWith(String(fn))) return { names: ['default'], seen: false };
  // A member of an object without a name can only be guessed: the worker compares its text before it calls it.
  const { name } = fn as { name: string };
  return rest.startsWith('{') && name !== '' ? { names: ['default', name], seen: false } : undefined;
}

/** Under which name a module's text exports a variable of its; undefined when it does not. */
export function exportedName(source: string, variable: string): string | undefined {
  const name = variable.replaceAll('$', String.raw`\$`);
  for (const [, list = ''] of source.matchAll(/\bexport\s*\{([^}]*)\}(?!\s*from\b)/g)) {
    const found = new RegExp(
      String.raw`(?:^|,)\s*${name}(?:\s+as\s+(?:'([^']+)'|"([^"]+)"|([^\s,]+)))?\s*(?:,|$)`,
    ).exec(list);
    if (found !== null) return found[1] ?? found[2] ?? found[3] ?? variable;
  }
  const declared = String.raw`(?:async\s+)?function\s*\*?\s*${name}|class\s+${name}`;
  if (new RegExp(String.raw`\bexport\s+default\s+(?:${declared}|${name}\s*(?:;|$))(?![\w$])`, 'm').test(source))
    return 'default';
  const assigned = String.raw`(?:const|let|var)\s[^;]*?(?<![\w$.])${name}\s*(?:[=,}\]]|$)`;
  return new RegExp(String.raw`\bexport\s+(?:${declared}|${assigned})(?![\w$])`, 'm').test(source)
    ? variable
    : undefined;
}

/** In CommonJS, `module.exports` itself or what it holds; a worker imports the module, so that is its `default`. */
function commonJsExport(fn: object, url: string): { names: Path; seen: boolean } | undefined {
  if (!url.startsWith('file:')) return undefined;
  const names = pathTo(fn, (require.cache[fileURLToPath(url)] as { exports?: unknown } | undefined)?.exports, 2);
  return names && { names: ['default', ...names], seen: true };
}

/** The public module that a function of Node's own belongs to: its script may be an internal one. */
function builtinReference(fn: object, url: string): ExportReference | undefined {
  const likely = builtinModules.filter(
    (name) => !name.startsWith('_') && !/^(?:punycode|sys|wasi|sqlite|test|trace_events)/.test(name),
  );
  const own = url.slice('node:'.length);
  for (const name of [own, ...likely.filter((other) => other !== own)]) {
    if (!builtinModules.includes(name)) continue;
    const path = pathTo(fn, require(`node:${name}`), 2);
    if (path?.[0] !== undefined) return { kind: 'export', module: `node:${name}`, path: ['default', ...path] };
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

/** Globals such as `process` and `Buffer` are made by getters of Node's own, harmless to call. */
function valueOf(owner: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  const isNodes = owner === globalThis && /^(?:process|Buffer)$/.test(key);
  return isNodes ? (owner as Record<string, unknown>)[key] : descriptor?.value;
}
