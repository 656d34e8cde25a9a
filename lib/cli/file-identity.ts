import { fstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Identifies a file, by whatever name, link or descriptor it was found; one that does not exist yet, by its path. Undefined for a
 * device such as `/dev/null`, which any number may use.
 */
export function identityOf(file: string | number): string | undefined {
  try {
    const found = typeof file === 'number' ? fstatSync(file) : statSync(file);
    if (found.isCharacterDevice()) return undefined;
    return found.isFile() ? `${found.dev}:${found.ino}` : `${file}`;
  } catch {
    return typeof file === 'number' ? `${file}` : ownPath(file);
  }
}

/** More links in a row than that are a circle. */
const MOST_LINKS = 40;

/** The path without links at which a file is, or will be when it is made by that name. */
export function ownPath(name: string, links = 0): string {
  const path = attempt(() => realpathSync.native(name));
  if (path !== undefined) return path;
  const named = dirname(resolve(name));
  const folder = attempt(() => realpathSync.native(named)) ?? named;
  const target = links < MOST_LINKS ? attempt(() => readlinkSync(name)) : undefined;
  return target === undefined ? join(folder, basename(name)) : ownPath(resolve(folder, target), links + 1);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
