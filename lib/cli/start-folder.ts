import { relative, resolve } from 'node:path';

/** The folder that the command was called in. An imported module, or a task in this process, may change to another. */
const FOLDER = startFolder();

/** Resolves a name of the command line from there. */
export function fromStart(name: string): string {
  return resolve(FOLDER, name);
}

/** A path as messages call it: as short as the user could have written it. */
export function shownName(path: string): string {
  const name = relative(FOLDER, path);
  return name.startsWith('..') ? path : name || '.';
}

function startFolder(): string {
  try {
    return process.cwd();
  } catch {
    // While modules are imported nobody catches what is thrown.
    process.stderr.write('forkpool: the current folder is not there any more: go to one that is\n');
    return process.exit(2);
  }
}
