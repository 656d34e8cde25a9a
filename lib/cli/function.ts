import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runInThisContext } from 'node:vm';
import { taskFunction, type AnyTask } from './task-function.js';
import { UsageError } from './usage-error.js';

/** A function of the command line, and what a resumed run compares of it. */
export interface GivenFunction {
  readonly fn: AnyTask;
  readonly identity: object;
}

/**
 * A function of a module. Its identity is the name of the export and the content of the module: one that was moved is the
 * same. What the module imports is not looked at. `text`: the argument that names it.
 *
 * @throws UsageError
 */
export async function functionOf(text: string | undefined): Promise<GivenFunction> {
  if (text === undefined) {
    throw new UsageError('Expected a function: ./tasks.js#resize, or -e with one such as x => x * 2');
  }
  const { fn, url, name } = await taskFunction(text);
  const content = createHash('sha256')
    .update(await readFile(url))
    .digest('base64');
  return { fn, identity: { export: name, content } };
}

/** A function that was written on the command line. @throws UsageError */
export function functionFrom(text: string): GivenFunction {
  let value: unknown;
  try {
    value = runInThisContext(`(${text}\n)`, { filename: '-e' });
  } catch (error) {
    throw new UsageError(`Cannot read the function of -e: ${String(error)}`, { cause: error });
  }
  if (typeof value !== 'function') {
    throw new UsageError(`Expected -e to be a function such as x => x * 2, got ${typeof value}`);
  }
  return { fn: value as AnyTask, identity: { text } };
}
