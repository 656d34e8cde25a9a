import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expected } from '../errors.js';
import type { ExportReference } from '../wire/reference.js';

/** The functions of a module, and of the objects and classes it exports, except any called `name`: that is the owner's name. */
export type TaskModule<Module> = {
  readonly [Name in keyof Module as Module[Name] extends object ? Name : never]: Module[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? ((...args: Args) => Result) & TaskModule<Omit<Module[Name], keyof CallableFunction>>
    : { readonly name: string } & TaskModule<Omit<Module[Name], 'name'>>;
};

const references = new WeakMap<object, ExportReference>();
/** The URL or name of what stands for a module itself, which is no function to call. */
const wholeModules = new WeakMap<object, string>();

/**
 * A name gives the same function wherever it is asked for, so that workers and caches know one for all its calls. Entries are
 * kept as long as the program runs: there are only as many as it has names.
 */
const modules = new Map<string, object>();

/**
 * Names the functions of a module without importing it here: `module` is a URL, an absolute path, or a package's name,
 * which is resolved from the main script. Calling one directly throws: they are for a pool. Whether the module and the
 * export exist shows in the worker: a task of one that does not rejects with TaskNotFoundError.
 *
 * @throws TypeError for a relative path: a file of yours is `new URL('./images.js', import.meta.url)`
 *
 * @example
 * const { resize } = tasksFrom<typeof import('./images.js')>(new URL('./images.js', import.meta.url));
 * await pool.map(resize, files);
 */
export function tasksFrom<Module>(module: URL | string): TaskModule<Module> {
  const url = urlOf(module);
  let found = modules.get(url);
  if (found === undefined) {
    modules.set(url, (found = member(url, [])));
    wholeModules.set(found, url);
  }
  return found as TaskModule<Module>;
}

/** The reference that a task function of `tasksFrom` stands for. */
export function taskFunctionReference(fn: object): ExportReference | undefined {
  return references.get(fn);
}

/** Throws for what `tasksFrom` returns itself: the whole module, given in place of one of its functions. */
export function refuseModule(fn: object): void {
  const module = wholeModules.get(fn);
  if (module !== undefined) throw new TypeError(notAFunction(module));
}

/** Stands for the module at an empty path, else for its export there; makes members when they are asked for. */
function member(module: string, path: readonly string[]): object {
  const members = new Map<string, object>();
  const target = (): never => {
    throw new TypeError(
      path.length === 0
        ? notAFunction(module)
        : `${path.join('.')} of ${module} is a name for a pool to call: pass it to \`map\` or another method`,
    );
  };
  const proxy = new Proxy(target, {
    get(_, key) {
      // What is awaited, or returned from an async function, must not look like a promise.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      // A task function has a `name`, as every function has. A module has none: there it is an export like any other.
      if (key === 'name' && path.length > 0) return path.at(-1);
      let found = members.get(key);
      if (found === undefined) members.set(key, (found = member(module, [...path, key])));
      return found;
    },
  });
  const [first, ...rest] = path;
  if (first !== undefined) references.set(proxy, { kind: 'export', module, path: [first, ...rest] });
  return proxy;
}

function notAFunction(module: string): string {
  return `\`tasksFrom\` names the module ${module}, not a function: use one of its members, such as \`.default\``;
}

function urlOf(module: unknown): string {
  if (module instanceof URL) return module.href;
  const expectation =
    "a URL, an absolute path or a package's name (a file of yours is `new URL('./tasks.js', import.meta.url)`)";
  if (typeof module !== 'string' || module === '' || /^\.{0,2}\//.test(isAbsolute(module) ? '' : module)) {
    throw new TypeError(expected('module', expectation, module));
  }
  return isAbsolute(module) ? pathToFileURL(module).href : module;
}
