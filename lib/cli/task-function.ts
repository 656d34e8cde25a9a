import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { errorText } from '../errors.js';
import { tasksFrom, type TaskFunction } from '../index.js';
import { during } from './exit.js';
import { fromStart } from './start-folder.js';
import { UsageError } from './usage-error.js';

export type AnyTask = TaskFunction<unknown[], unknown>;

/** A function that was named on the command line, and where it was found. */
export interface NamedFunction {
  readonly fn: AnyTask;
  readonly url: URL;
  /** Name of the export, with the names of members after dots. */
  readonly name: string;
}

/**
 * A function named on the command line: `./tasks.js#resize`, `./tasks.js` for its default export, `package#name`. The
 * module is imported here as well, so that a wrong name is found before any worker starts.
 *
 * @throws UsageError that says which name is wrong and which there are
 */
export async function taskFunction(text: string): Promise<NamedFunction> {
  const [specifier, name] = parted(text);
  const url = urlOf(specifier, text);
  const module = await load(url, specifier);
  const path = pathIn(module, name.split('.'));
  check(module, path, specifier);
  let member: unknown = tasksFrom<Record<string, unknown>>(url);
  for (const key of path) member = (member as Record<string, unknown>)[key];
  return { fn: member as AnyTask, url, name: path.join('.') };
}

function parted(text: string): [specifier: string, name: string] {
  const at = text.lastIndexOf('#');
  if (at === -1) return [text, 'default'];
  if (at === 0 || at === text.length - 1) {
    throw new UsageError(`Expected a module and the name of an export, as in ./tasks.js#resize, got ${text}`);
  }
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A path from the working directory if there is such a file, else a module of Node, or a package of the project there. */
function urlOf(specifier: string, text: string): URL {
  const file = fromStart(specifier);
  // A folder may have the name of a package.
  if (existsSync(file) && !statSync(file).isDirectory()) return pathToFileURL(file);
  if (isBuiltin(specifier)) return new URL(specifier.startsWith('node:') ? specifier : `node:${specifier}`);
  // As `import` loads it: a package may have something else for `require`.
  const url = /^\.{0,2}[\\/]/.test(specifier) ? undefined : (imported(specifier) ?? required(specifier));
  if (url !== undefined) return url;
  throw new UsageError(`There is no module ${specifier} (of ${text}): neither a file ${file} nor a package`);
}

function required(specifier: string): URL | undefined {
  try {
    return pathToFileURL(createRequire(fromStart('command.js')).resolve(specifier));
  } catch {
    return undefined;
  }
}

/**
 * Finds a package as `import` does, in a process of its own, which takes 40 ms: here `import.meta.resolve` knows only its own
 * place (https://nodejs.org/api/esm.html#importmetaresolvespecifier).
 */
function imported(specifier: string): URL | undefined {
  const script = 'process.stdout.write(import.meta.resolve(process.argv[1]))';
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, '--', specifier], {
    cwd: fromStart('.'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // The URL may be of a file that is not there, such as that of `package/file` without its extension.
  return status === 0 && stdout.startsWith('file:') && existsSync(new URL(stdout)) ? new URL(stdout) : undefined;
}

async function load(url: URL, specifier: string): Promise<object> {
  try {
    const words = (why: string): string => `${specifier} ended the program while it was being loaded (${why})`;
    const surprise = { words, code: 1 };
    return (await during(surprise, () => import(url.href))) as object;
  } catch (error) {
    throw new UsageError(`Cannot load ${specifier}: ${errorText(error)}${hintFor(url, error)}`, { cause: error });
  }
}

function hintFor({ pathname }: URL, error: unknown): string {
  const { code = '' } = Object(error) as NodeJS.ErrnoException;
  const needsLoader = /\.[cm]?tsx?$/.test(pathname) && /UNKNOWN_FILE_EXTENSION|TYPESCRIPT_SYNTAX/.test(code);
  return needsLoader ? '. TypeScript needs what loads it: NODE_OPTIONS="--import tsx" forkpool …' : '';
}

/** An import may find what a CommonJS module assigned to `module.exports` only as a whole, as `default`. */
function pathIn(module: object, path: readonly string[]): readonly string[] {
  const [first = ''] = path;
  if (!(first in module)) return first in Object(defaultOf(module)) ? ['default', ...path] : path;
  // What TypeScript makes a CommonJS module of has `exports.default`, and Node's default is `exports`.
  return first === 'default' && path.length === 1 && isCompiled(module) ? ['default', ...path] : path;
}

function isCompiled(module: object): boolean {
  const exports = Object(defaultOf(module)) as object;
  return typeof exports !== 'function' && '__esModule' in exports && 'default' in exports;
}

function defaultOf(module: unknown): unknown {
  return (Object(module) as { readonly default?: unknown }).default;
}

function check(module: object, path: readonly string[], specifier: string): void {
  let at: unknown = module;
  for (const [depth, key] of path.entries()) {
    const owner = [specifier, ...path.slice(0, depth)].join('#');
    if (!(key in Object(at))) throw new UsageError(`${owner} has no export \`${key}\`. ${known(at)}`);
    at = (at as Record<string, unknown>)[key];
  }
  if (typeof at === 'function') return;
  throw new UsageError(
    `\`${path.join('.')}\` of ${specifier} is not a function, but of type ${typeof at}. ${known(module)}`,
  );
}

function known(owner: unknown): string {
  const names = new Set([...functionsOf(owner), ...functionsOf(defaultOf(owner))]);
  return names.size === 0 ? 'It exports no functions' : `Functions there are ${[...names].join(', ')}`;
}

function functionsOf(owner: unknown): string[] {
  const entries = Object.entries(Object(owner) as object);
  return entries.filter(([, value]) => typeof value === 'function').map(([name]) => name);
}
