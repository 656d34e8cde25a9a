import { constants, fstatSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { identityOf } from '../file-identity.js';
import { isSocket, ownDescriptor } from '../own-descriptor.js';
import { UsageError } from '../usage-error.js';
import { FileBytes, type InputBytes } from './file-bytes.js';

/** A file that items are read from. */
export interface InputFile {
  /** Its name in messages. */
  readonly name: string;
  /** Undefined for stdin. */
  readonly path: string | undefined;
  /** Size in bytes; undefined for what has no length, such as a pipe. */
  readonly size: number | undefined;
  open(): InputBytes;
}

/**
 * The files of names, in their order; the files of a glob in the order of their names. stdin for `-`, and for no names.
 * `left`: identities of files that a glob is not to find.
 *
 * @throws UsageError for one that is not there, or cannot be read
 */
export async function inputFiles(
  names: readonly string[],
  left: ReadonlySet<string | undefined> = new Set(),
): Promise<readonly InputFile[]> {
  if (names.length === 0 && process.stdin.isTTY) {
    throw new UsageError('There is no input: name files, or pipe items to stdin (- reads them from the terminal)');
  }
  const found = await Promise.all((names.length === 0 ? ['-'] : names).map((name) => filesOf(name, left)));
  return found.flat();
}

async function filesOf(name: string, left: ReadonlySet<string | undefined>): Promise<InputFile[]> {
  if (name === '') throw new UsageError('Expected the name of a file of the input, got an empty text');
  const descriptor = name === '-' ? 0 : ownDescriptor(name);
  if (descriptor === 0) {
    refuseFolder();
    return [{ name: 'stdin', path: undefined, size: undefined, open: stdinBytes }];
  }
  // A socket cannot be opened by a name.
  if (descriptor !== undefined && isSocket(descriptor)) {
    return [{ name, path: name, size: undefined, open: () => new FileBytes(descriptor) }];
  }
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  if (isThere || !isDynamicPattern(name)) return [await fileOf(name)];
  const found = await glob(name, { expandDirectories: false });
  const files = found.filter((file) => !left.has(identityOf(resolve(file))));
  if (files.length === 0) throw new UsageError(`No file matches ${name}`);
  return Promise.all(files.toSorted().map(fileOf));
}

/** Reads a file, as of `< file`, or a pipe, a terminal or a socket, which Node has in its event loop. */
function stdinBytes(): InputBytes {
  return fstatSync(0).isFile() ? new FileBytes(0) : process.stdin;
}

function refuseFolder(): void {
  if (fstatSync(0).isDirectory()) throw new UsageError('Cannot read the input stdin: it is a folder');
}

async function fileOf(name: string): Promise<InputFile> {
  const path = resolve(name);
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    if (found.isDirectory()) throw new Error('it is a folder: expected files, or - for stdin');
    return { name, path, size: found.isFile() ? found.size : undefined, open: () => new FileBytes(path) };
  } catch (error) {
    throw new UsageError(`Cannot read the input ${name}: ${(error as Error).message}`, { cause: error });
  }
}
