import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import type { ScriptOptions } from 'node:vm';
import { messageOf, TaskNotFoundError } from '../lib/errors.js';
import { TEXT_MARK } from '../lib/wire/current.js';
import { textAt } from '../lib/wire/file-text.js';
import { functionText } from '../lib/wire/function-text.js';
import {
  describe,
  KEEPS_NAME,
  type ExportReference,
  type GlobalReference,
  type Reference,
  type SourceReference,
} from '../lib/wire/reference.js';
import { withoutQuery } from '../lib/wire/script-url.js';
import { packageType } from '../lib/wire/package-type.js';
import { required } from './required.js';

export interface ResolvedFunction {
  readonly fn: (...args: never[]) => unknown;
  /** Its `this`: the object or class that it is a member of. */
  readonly self: unknown;
}

export interface ResolverOptions {
  /** The URL of the master's main script, from which packages are resolved. */
  readonly main: string | undefined;
  /** Called before the main script is imported. */
  readonly onMain: () => void;
  /** Whether this is a process that has run no user code. */
  readonly fresh: boolean;
}

/** Finds, or makes, the functions that references name. Throws TaskNotFoundError. */
export function createResolver(options: ResolverOptions): (reference: Reference) => Promise<ResolvedFunction> {
  let { fresh } = options;
  return async (reference: Reference) => {
    const first = fresh;
    fresh = false;
    switch (reference.kind) {
      case 'export':
        return exported(reference, { ...options, fresh: first });
      case 'global':
        return walk(globalThis, reference);
      case 'source':
        return compiled(asText(reference, options));
      case 'local':
        return { fn: reference.fn, self: reference.self };
      default:
        return reference satisfies never;
    }
  };
}

async function exported(reference: ExportReference, options: ResolverOptions): Promise<ResolvedFunction> {
  const { module, text } = reference;
  const { main, onMain } = options;
  if (main !== undefined && withoutQuery(module) === withoutQuery(main)) onMain();
  const found = walk(await load(reference, options), reference);
  if (text !== undefined && !isTheSame(functionText(found.fn), text, module)) {
    throw new TaskNotFoundError(
      `${describe(reference)} is another function than the one that was to run, or a loader has rewritten the module for one ` +
        'side alone. Export it under a name of its own, or name it by `tasksFrom`',
    );
  }
  return found;
}

/**
 * Whether the function found here is the one that the master found in its place: they have the same text, or a loader of the
 * master alone, such as a test runner's, has rewritten the module. Then the file has the text found here, and not the other.
 */
function isTheSame(here: string, there: string, module: string): boolean {
  if (here === there) return true;
  const source = textAt(withoutQuery(module));
  return source !== undefined && source.includes(here) && !source.includes(there);
}

async function load(reference: ExportReference, { main, fresh }: ResolverOptions): Promise<object> {
  const { module, path } = reference;
  try {
    const loaded = fresh ? required(module, path[0]) : undefined;
    return loaded ?? (await imported(module, main));
  } catch (error) {
    const words = `Cannot load the module of ${describe(reference)}: ${messageOf(error)}`;
    throw new TaskNotFoundError(`${words}${cureOf(error)}`, { cause: error });
  }
}

async function imported(module: string, main: string | undefined): Promise<object> {
  if (!isUrl(module)) return (await importFrom(main)(module)) as object;
  try {
    return (await import(module)) as object;
  } catch (error) {
    const loaded = hasNoLoader(error) ? hooked(fileURLToPath(withoutQuery(module)), messageOf(error)) : undefined;
    if (loaded === undefined) throw error;
    return loaded;
  }
}

/**
 * Loads CommonJS by `require`, as `import` would show it, if a hook has taught that to read such a file, as
 * `node -r ts-node/register` does: workers inherit it, and `import` knows nothing of it. Undefined if there is no such hook.
 */
function hooked(path: string, message: string): object | undefined {
  // Or it ran up to what it could not import itself.
  if (!message.includes(path)) return undefined;
  if (packageType(path) === 'module' || /\.m\w+$/.test(path)) return undefined;
  const requires = process.getBuiltinModule('node:module').createRequire(path);
  // Deprecated, and yet what hooks are made with.
  if (!Object.keys(requires.extensions).some((extension) => path.endsWith(extension))) return undefined;
  const exports: unknown = requires(path);
  return { ...(exports as object), default: exports };
}

/** Node's message does not say what to do if workers have no loader for a file, as for TypeScript. */
function cureOf(error: unknown): string {
  if (!hasNoLoader(error)) return '';
  return '. Start the program with a loader that its workers inherit, as `node --import tsx`, or build it first; threads have none before Node 22: use a Pool there';
}

function hasNoLoader(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

/** An `import()` that resolves packages as the main script would. */
function importFrom(main: string | undefined): (specifier: string) => Promise<unknown> {
  const options = main?.startsWith('file:') ? { filename: fileURLToPath(withoutQuery(main)) } : {};
  return run('(specifier) => import(specifier)', options, true) as (specifier: string) => Promise<unknown>;
}

/**
 * TypeScript loaders give the exports of a CommonJS module without the `default` that Node puts around them; these may have
 * their own `default`.
 */
function pathIn(module: object, path: readonly string[]): readonly string[] {
  const [first, ...rest] = path;
  const isWhole = types.isModuleNamespaceObject(module) && 'default' in module;
  if (first !== 'default' || rest.length === 0 || isWhole || leads(path, module)) return path;
  return leads(rest, module) ? rest : path;
}

function leads(path: readonly string[], from: unknown): boolean {
  let at = from;
  for (const name of path) {
    if (at === null || at === undefined || !(name in Object(at))) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}

function walk(from: object, reference: ExportReference | GlobalReference): ResolvedFunction {
  let self: unknown;
  let at: unknown = from;
  for (const [depth, name] of pathIn(from, reference.path).entries()) {
    self = depth === 0 ? undefined : at;
    if (at === null || at === undefined || !(name in Object(at))) throw notThere(at, name, reference);
    at = (at as Record<string, unknown>)[name];
  }
  if (typeof at !== 'function')
    throw new TaskNotFoundError(`${describe(reference)} is not a function, but of type ${typeof at}`);
  return { fn: at as ResolvedFunction['fn'], self };
}

function notThere(owner: unknown, name: string, reference: Reference): TaskNotFoundError {
  const names = owner === null || owner === undefined ? [] : Object.keys(owner).slice(0, 10);
  const others = names.length === 0 ? 'nothing' : names.join(', ');
  return new TaskNotFoundError(`There is no \`${name}\`: cannot find ${describe(reference)}. What is there: ${others}`);
}

const PROVIDED = `const ${KEEPS_NAME} = (fn) => fn;`;

/** A text of the main script is not that script: the name it is compiled under tells apart a pool that it starts. */
function asText(reference: SourceReference, { main }: ResolverOptions): SourceReference {
  const { url } = reference;
  const isMain = main !== undefined && url !== undefined && withoutQuery(url) === withoutQuery(main);
  return isMain ? { ...reference, url: `${url}${TEXT_MARK}` } : reference;
}

/** Compiles a text in its place, so that stack traces and an `import()` in it lead there. */
function compiled(reference: SourceReference): ResolvedFunction {
  const { text, strict, url, line, column } = reference;
  const start = `(() => { ${strict ? '"use strict"; ' : ''}${PROVIDED} return `;
  for (const [before, after] of [
    ['(', ')'],
    ['Object.values({', '})[0]'],
  ] as const) {
    const options = {
      ...(url === undefined ? {} : { filename: url }),
      lineOffset: line,
      columnOffset: column - start.length - before.length,
    };
    try {
      const fn = run(`${start}${before}${text}${after} })()`, options, /\bimport\s*\(/.test(text));
      return { fn: fn as ResolvedFunction['fn'], self: undefined };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw new TaskNotFoundError(`Cannot compile the text of a function by itself: ${describe(reference)}`);
}

/**
 * Runs a text among the globals. An `import()` in it resolves from its file name, by a feature that Node 20 calls
 * experimental: its warning is not for the user, who cannot do anything about it.
 */
function run(text: string, options: ScriptOptions, imports: boolean): unknown {
  // Not imported: most children need none of it.
  const vm = process.getBuiltinModule('node:vm');
  if (!imports) return new vm.Script(text, options).runInThisContext();
  const emitWarning: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    // The first such import() warns, and only the first.
    void new vm.Script("import('node:path')", { importModuleDynamically }).runInThisContext();
    return new vm.Script(text, { ...options, importModuleDynamically }).runInThisContext();
  } finally {
    process.emitWarning = emitWarning as typeof process.emitWarning;
  }
}

function isUrl(module: string): boolean {
  return /^(?:file|node|data|https?):/.test(module);
}
