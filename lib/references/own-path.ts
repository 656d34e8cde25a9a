import { functionText } from '../wire/function-text.js';

/**
 * The path from an object to a function by own properties, calling only harmless getters; [] if it is the object itself. With a
 * `name`, the path must end with it.
 */
export function pathTo(fn: object, from: unknown, depth: number, name?: string): string[] | undefined {
  if (from === fn) return name === undefined ? [] : undefined;
  if (depth === 0 || from === null || (typeof from !== 'object' && typeof from !== 'function')) return undefined;
  const values = Object.getOwnPropertyNames(from).map((key) => [key, valueOf(from, key)] as const);
  const own = values.find(([key, value]) => value === fn && (name === undefined || key === name));
  if (own !== undefined) return [own[0]];
  for (const [key, value] of values) {
    if (key === 'prototype' || value === globalThis) continue;
    const rest = pathTo(fn, value, depth - 1, name);
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}

/** A getter is called only if it is known to be harmless. */
export function valueOf(owner: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (typeof descriptor?.get !== 'function') return descriptor?.value as unknown;
  return isNodes(owner, key) || isMereVariable(descriptor) ? (owner as Record<string, unknown>)[key] : undefined;
}

/** Globals such as `process` are made by getters of Node's own. */
function isNodes(owner: object, key: string): boolean {
  return owner === globalThis && /^(?:process|Buffer|performance)$/.test(key);
}

const NAME = String.raw`[\w$]+(?:\[[\w$]+\]|\.[\w$]+)?`;
const MERE_VARIABLE = new RegExp(
  String.raw`^(?:\(\)\s*=>\s*${NAME}|(?:function\s*[\w$]*|get [\w$]+)\s*\(\)\s*\{\s*return ${NAME};?\s*\})$`,
);

/**
 * esbuild and tsx write the exports of a CommonJS module as `() => square` or `() => from[key]`; TypeScript and Babel write
 * re-exports as `function () { return square; }`; swc writes all in that form, and as `get square() { return square; }`.
 */
function isMereVariable({ get }: { readonly get?: unknown }): boolean {
  return MERE_VARIABLE.test(functionText(get));
}
