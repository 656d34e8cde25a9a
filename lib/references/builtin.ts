import { builtinModules, createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Loading one of these warns or changes the program: with `domain`, no callback can capture uncaught exceptions. */
const NOT_TO_LOAD = /^(?:_|cluster|domain|inspector|punycode|repl|sea|sqlite|sys|test|trace_events|wasi)/;

/**
 * Yields the public Node modules, with their exports, that may hold a function of the script `url`: first the one that the script
 * is or is internal to, then those that this program has loaded already, so that looking has no effects.
 */
export function* builtinsOf(url: string): Generator<readonly [name: string, exports: unknown]> {
  const all = new Set([...fitting(url), ...loaded()]);
  for (const name of all) yield [name, require(`node:${name}`)];
}

/** `internal/fs/promises` → `fs/promises`, `fs`. */
function fitting(url: string): string[] {
  const parts = url.replace(/^node:(?:internal\/)?/, '').split('/');
  const names = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  return names.filter((name) => isPublic(name) && !NOT_TO_LOAD.test(name));
}

/** A program that holds a module's function has loaded the module. Node lists the loaded ones, though not by a documented API. */
function loaded(): string[] {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  const names = moduleLoadList.map((entry) => entry.replace(/^NativeModule /, ''));
  return names.filter((name) => isPublic(name) && !name.startsWith('_'));
}

function isPublic(name: string): boolean {
  return builtinModules.includes(name) || builtinModules.includes(`node:${name}`);
}
