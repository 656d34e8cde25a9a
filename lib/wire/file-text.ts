import { readFileSync } from 'node:fs';

/** The text of a file; undefined if it cannot be read. */
export function fileText(path: string): string | undefined {
  return readText(() => path);
}

/** The text of the file at a URL; undefined if it cannot be read, or the URL leads to no file. */
export function textAt(url: string): string | undefined {
  return readText(() => new URL(url));
}

function readText(place: () => string | URL): string | undefined {
  try {
    return readFileSync(place(), 'utf8');
  } catch {
    return undefined;
  }
}
