import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { packageType } from '../lib/wire/package-type.js';

/** There in a file of CommonJS, as the entry of a process is. */
declare const require: NodeJS.Require | undefined;

/** Flags that leave the loading of modules as it is. */
const HARMLESS =
  /^--(?:no-)?(?:max-|stack-|trace-|cpu-prof|heap-prof|warnings$|disable-warning|deprecation$|enable-source-maps$|expose-gc$|unhandled-rejections)/;

/** Why `require` cannot have an ES module that `import` may have: it waits at its top, or is being loaded. */
const CANNOT = /^ERR_REQUIRE_/;

/**
 * A module as `import()` gives it, but by `require`: at once, and without the part of Node's loader that is for `import`. So a
 * new child takes 7 % less to its first result, and 8 % less CPU (measured, of an ES module). Of CommonJS only `default`, since
 * `require` would know more names than `import`; its `module.parent` is there, as it is not by `import`. undefined where that cannot be, or where it might not be the same: only in a process
 * in which no code of the user's has run yet can it be known that nobody has put in hooks.
 */
export function required(module: string, name: string): object | undefined {
  if (typeof require === 'undefined' || !requiresModules() || !/^file:[^?#]*\.[cm]?js$/.test(module)) return undefined;
  const path = fileURLToPath(module);
  const type = typeOf(path);
  if ((type !== 'module' && name !== 'default') || !existsSync(path)) return undefined;
  let exports: unknown;
  try {
    exports = require(path);
  } catch (error) {
    const isAnotherWay = error instanceof Error && 'code' in error && CANNOT.test(String(error.code));
    // CommonJS that cannot have what it needs has run up to there: `import` would run it again.
    if (isAnotherWay && type !== 'commonjs') return undefined;
    throw error;
  }
  const isNamespace = types.isModuleNamespaceObject(exports);
  // It may say itself what `require` gives.
  if (type === 'module') return isNamespace ? (exports as object) : undefined;
  // Of a file whose package says nothing, the text decides.
  return type === 'commonjs' || !isNamespace ? { default: exports } : undefined;
}

/** Node 22.12 warns of it. */
function requiresModules(): boolean {
  const hasHooks = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)]
    .map((flag) => flag.replaceAll(/["']/g, '').replaceAll('_', '-'))
    .some((flag) => flag.startsWith('-') && !HARMLESS.test(flag));
  return process.features.require_module && !process.version.startsWith('v22.12.') && !hasHooks;
}

/** What its name or its package says that it is; undefined where neither does. */
function typeOf(path: string): 'module' | 'commonjs' | undefined {
  if (path.endsWith('.mjs')) return 'module';
  return path.endsWith('.cjs') ? 'commonjs' : packageType(path);
}
