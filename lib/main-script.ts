import { createRequire } from 'node:module';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { place, TEXT_MARK } from './wire/current.js';

/**
 * The URL of the main script: of this program's, or in a worker that of the master it works for, so that a worker's own
 * workers know it too. Undefined where there is none (`node -e`, a prompt).
 */
export function mainScript(): string | undefined {
  if (place.worker !== undefined) return place.main;
  const [, script] = process.argv;
  return script === undefined ? undefined : urlOf(script);
}

/** `node app` runs app.js as well: the script is found as Node finds it. */
function urlOf(script: string): string | undefined {
  const path = resolve(script);
  try {
    return pathToFileURL(realpathSync(createRequire(path).resolve(path))).href;
  } catch {
    return undefined;
  }
}

/**
 * Whether this worker has imported the main script of its master: a pool here would fork the script's program for ever.
 * A script that another module imported is known by being on the stack.
 */
export function inImportedMain(): boolean {
  if (place.worker === undefined || place.main === undefined) return false;
  return place.importedMain || callers().some((url) => !url.endsWith(TEXT_MARK) && withoutQuery(url) === place.main);
}

/**
 * Whether a module runs that this worker imports for a task, or what such a module has begun: the workers of a pool that it
 * starts would import it in turn. A pool of the loop imports nothing anew.
 */
export function inImportedModule(): boolean {
  return place.worker !== undefined && place.running.getStore()?.importing === true;
}

/**
 * Whether a preload (`--import`, `--require`) runs in this worker, or what it has begun: its workers would be started with it in turn.
 * All else in a worker is begun by a task, an initializer or finalizer, or a module that was imported for these.
 */
export function inPreload(): boolean {
  return place.worker !== undefined && place.running.getStore() === undefined;
}

/** The scripts on the stack, as URLs. */
function callers(): string[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace');
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName());
    const files = new Error('for its stack').stack as unknown as (string | null | undefined)[];
    return files
      .filter((file) => typeof file === 'string')
      .map((file) => (file.startsWith('/') ? pathToFileURL(file).href : file));
  } finally {
    Error.prepareStackTrace = prepareStackTrace as typeof Error.prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
