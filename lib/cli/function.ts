import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { constants, runInThisContext } from 'node:vm';
import { AsyncPool, ThreadPool } from '../index.js';
import { taskFunction, type AnyTask } from './task-function.js';
import { UsageError } from './usage-error.js';

/** A function of the command line, and what a resumed run compares of it. */
export interface GivenFunction {
  readonly fn: AnyTask;
  readonly identity: object;
}

/**
 * A function of a module. Its identity is the name of the export and the content of the module: a moved module is the same. Its
 * imports are not looked at. `text`: the argument that names it.
 *
 * @throws UsageError
 */
export async function functionOf(text: string | undefined): Promise<GivenFunction> {
  if (text === undefined || text === '') {
    throw new UsageError('Expected a function: ./tasks.js#resize, or -e with one such as x => x * 2');
  }
  const { fn, url, name } = await taskFunction(text);
  return { fn, identity: { export: name, content: await contentOf(url) } };
}

interface InitOptions {
  readonly initializer?: string;
  readonly initargs?: unknown[];
}

/** @throws UsageError for arguments that nobody would get */
export function checkInitargs({ initializer, initargs }: InitOptions): void {
  if (initargs !== undefined && initializer === undefined) throw new UsageError('--initargs needs --initializer');
}

/** A module of Node's is identified by Node's version. */
async function contentOf(url: URL): Promise<string> {
  if (url.protocol === 'node:') return `${url.href} of ${process.version}`;
  return createHash('sha256')
    .update(await readFile(url))
    .digest('base64');
}

/** Who will call a function. */
export type Caller = 'workers' | 'this program';

/**
 * A function that was written on the command line.
 *
 * @throws UsageError, also for one that cannot travel to its caller, since it captures variables or is bound
 */
export async function functionFrom(text: string, caller: Caller): Promise<GivenFunction> {
  const fn = functionIn(text);
  await checkReach(fn, caller);
  return { fn, identity: { text } };
}

/** An `import()` in it resolves from this folder, here as in a worker. */
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;

function functionIn(text: string): AnyTask {
  let value: unknown;
  try {
    value = withImports(() => runInThisContext(`(${text}\n)`, { filename: '-e', importModuleDynamically }));
  } catch (error) {
    throw new UsageError(`Cannot read the function of -e: ${String(error)}`, { cause: error });
  }
  if (typeof value !== 'function') {
    throw new UsageError(`Expected -e to be a function such as x => x * 2, got ${typeof value}`);
  }
  return value as AnyTask;
}

/** Hides Node 20's warning that the first such `import()` is experimental: users cannot do anything about it. */
function withImports<T>(compile: () => T): T {
  const emitWarning: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    runInThisContext("import('node:path')", { importModuleDynamically });
    return compile();
  } finally {
    process.emitWarning = emitWarning as typeof process.emitWarning;
  }
}

/** Asks a pool that starts no worker: a map of no items only finds out how the function gets there. */
async function checkReach(fn: AnyTask, caller: Caller): Promise<void> {
  const pool = caller === 'workers' ? new ThreadPool({ processes: 1, minProcesses: 0 }) : new AsyncPool(1);
  try {
    await pool.map(fn, []);
  } catch (error) {
    throw new UsageError(`Cannot use the function of -e: ${(error as Error).message}`, { cause: error });
  } finally {
    await pool.terminate();
  }
}
