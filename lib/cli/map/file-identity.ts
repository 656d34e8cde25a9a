import { fstatSync, statSync } from 'node:fs';

/** What tells a file from others, by whatever name, link or descriptor it was found; of one that is not there yet, its path. */
export function identityOf(file: string | number): string {
  try {
    const found = typeof file === 'number' ? fstatSync(file) : statSync(file);
    return found.isFile() ? `${found.dev}:${found.ino}` : `${file}`;
  } catch {
    return `${file}`;
  }
}
