import { fstatSync, statSync } from 'node:fs';

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
    return `${file}`;
  }
}
