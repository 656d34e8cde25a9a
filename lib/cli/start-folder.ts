import { relative, resolve } from 'node:path';

/** Where the command was called. A module that is imported, or a task in this process, may go elsewhere. */
const FOLDER = process.cwd();

/** Names of the command line are meant from there. */
export function fromStart(name: string): string {
  return resolve(FOLDER, name);
}

/** A path as messages call it: as short as the user could have written it. */
export function shownName(path: string): string {
  const name = relative(FOLDER, path);
  return name.startsWith('..') ? path : name || '.';
}
