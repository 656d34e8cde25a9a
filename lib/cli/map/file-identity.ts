import { fstatSync, statSync } from 'node:fs';

/**
 * What tells a file from others, by whatever name, link or descriptor it was found; of one that is not there yet, its path.
 * Undefined for a device, as `/dev/null`: any number may have one.
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
