import { createRequire } from 'node:module';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { here, TEXT_MARK } from './wire/current.js';
import { scriptUrl, withoutQuery } from './wire/script-url.js';

/**
 * The URL of the main script: of this program's, or in a worker that of the master it works for, so that a worker's own
 * workers know it too. Undefined if there is none (`node -e`, a prompt).
 */
export function mainScript(): string | undefined {
  if (here.worker !== undefined) return here.main;
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
 * Whether this worker has imported the main script of its master: a pool here would fork the script's program for ever. A script
 * that another module imported is found on the stack.
 */
export function inImportedMain(): boolean {
  if (here.worker === undefined || here.main === undefined) return false;
  return here.importedMain || callers().some((url) => !url.endsWith(TEXT_MARK) && withoutQuery(url) === here.main);
}

/**
 * Whether this code is, or was begun by, a module that this worker imports for a task: the workers of a pool started here would
 * import it in turn. A pool of the loop imports nothing anew.
 */
export function inImportedModule(): boolean {
  return here.worker !== undefined && here.running.getStore()?.importing === true;
}

/**
 * Whether this code is, or was begun by, a preload (`--import`, `--require`) of this worker: a pool's workers would run it in
 * turn. All other code in a worker is begun by a task, an initializer or finalizer, or a module imported for these.
 */
export function inPreload(): boolean {
  return here.worker !== undefined && here.running.getStore() === undefined;
}

/** The scripts on the stack, as URLs. */
function callers(): string[] {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace');
  try {
    // If `Error` is frozen (SES, `--frozen-intrinsics`) these do nothing, and assignments would throw.
    Reflect.set(Error, 'stackTraceLimit', Infinity);
    Reflect.set(Error, 'prepareStackTrace', (_: Error, sites: NodeJS.CallSite[]) =>
      sites.map((site) => site.getFileName()),
    );
    const { stack } = new Error('for its stack') as { readonly stack?: unknown };
    return (Array.isArray(stack) ? stack : filesIn(String(stack)))
      .filter((file) => typeof file === 'string')
      .map((file) => scriptUrl(file));
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The scripts in a stack as text, which has `Error.stackTraceLimit` lines at most. */
function filesIn(stack: string): (string | undefined)[] {
  return stack
    .split('\n')
    .map((line) => /(?:\(| at |async )((?:file:|\/|\\\\|[A-Za-z]:\\).*?):\d+:\d+\)?$/.exec(line)?.[1]);
}
