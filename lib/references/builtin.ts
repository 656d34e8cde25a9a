import { builtinModules, createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Loading these warns or changes the program, such as `domain`, beside which no callback can capture uncaught exceptions. */
const NOT_TO_LOAD = /^(?:_|cluster|domain|inspector|punycode|repl|sea|sqlite|sys|test|trace_events|wasi)/;

/**
 * The public modules of Node that a function of the script `url` may be a member of, what they hold beside their names: the
 * one that it is of or internal to, and then those that this program has loaded, so that looking has no effects.
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

/** Whoever holds a function of a module has it loaded. Node lists those, though no documentation says so. */
function loaded(): string[] {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  const names = moduleLoadList.map((entry) => entry.replace(/^NativeModule /, ''));
  return names.filter((name) => isPublic(name) && !name.startsWith('_'));
}

function isPublic(name: string): boolean {
  return builtinModules.includes(name) || builtinModules.includes(`node:${name}`);
}
