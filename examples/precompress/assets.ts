import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
/** What a site serves as text. */
const SERVED = /\.(?:js|mjs|css|html|svg|json)$/;
/** Smaller ones are not worth a second file; a few larger ones would outweigh all the others. */
const [LEAST, MOST] = [5_000, 150_000];

/** This many files, spread evenly over all those in `node_modules` of the kinds that a site serves. */
export function assets(count: number): string[] {
  const all = readdirSync(MODULES, { recursive: true, encoding: 'utf8' })
    .filter((path) => SERVED.test(path))
    .toSorted()
    .map((path) => join(MODULES, path))
    .filter(isAsset);
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, at) => all[Math.floor(at * step)] as string);
}

function isAsset(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isFile() && found.size >= LEAST && found.size <= MOST;
}
