import { relative, resolve } from 'node:path';

/** The folder that the command was called in. An imported module, or a task in this process, may change to another. */
const FOLDER = process.cwd();

/** Resolves a name of the command line from there. */
export function fromStart(name: string): string {
  return resolve(FOLDER, name);
}

/** A path as messages call it: as short as the user could have written it. */
export function shownName(path: string): string {
  const name = relative(FOLDER, path);
  return name.startsWith('..') ? path : name || '.';
}
