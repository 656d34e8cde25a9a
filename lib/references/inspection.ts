import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { textAt } from '../wire/file-text.js';
import { functionText } from '../wire/function-text.js';
import { scriptUrl } from '../wire/script-url.js';
import { isModuleFile } from './module-kind.js';
import { requiredFilesOf } from './required-files.js';
import { waysIn, type Path, type Way } from './ways.js';

/** Where a function stands. */
export interface Location {
  readonly scriptId: string;
  /** Counted from 0. */
  readonly line: number;
  readonly column: number;
}

export interface Script {
  /** `file:`, `node:` and so on; empty for code that came from no file. */
  readonly url: string;
  readonly isModule: boolean;
  /** Whether the source is the file as it is on disk: the text that a loader makes of it may differ in a worker. */
  readonly isFile: boolean;
  readonly source: string;
}

/** What V8 calls a scope: `Global`, `Module`, `Closure (name)`… */
interface Scope {
  readonly kind: string;
  readonly id: string;
}

interface RemoteValue {
  readonly objectId?: string;
  readonly description?: string;
  readonly value?: unknown;
}

interface Property {
  readonly name: string;
  readonly value?: RemoteValue;
}

/** The latest scripts by V8's id, which is never reused. Not all: each text that a program compiles has an id of its own. */
const scripts = new Map<string, Script>();
const MOST_SCRIPTS = 1000;

/** A symbol, since the property names of a module are searched for functions. */
const KEY = Symbol.for('forkpool.function');
/** Where the session and this program leave values for each other: an object that is the same in every context. */
const SHELF = "process.getBuiltinModule('node:inspector').Session";

/**
 * What V8 knows about a function and JavaScript does not tell: where it stands, and what is around it. Asks this thread's own
 * inspector, which answers at once. Measured on Node 20: 8 ms the first time in a program, 4 ms for the first function of a
 * script, 1 ms for another one.
 */
export class Inspection {
  readonly location: Location | undefined;
  readonly isBound: boolean;
  readonly #session: Session;
  readonly #object: object;
  /** The text of the function. */
  readonly #text: string;
  readonly #fn: string;
  readonly #scopesId: string | undefined;

  /** Throws if there is no inspector, as under the Permission Model. */
  static of<T>(fn: object, ask: (inspection: Inspection) => T): T {
    const session = new Session();
    session.connect();
    // The session sees the globals of the main context only; this class, of Node's own, is the same in every context.
    Object.defineProperty(Session, KEY, { value: fn, configurable: true, writable: true });
    try {
      return ask(new Inspection(session, fn));
    } finally {
      Reflect.deleteProperty(Session, KEY);
      session.disconnect();
    }
  }

  private constructor(session: Session, fn: object) {
    this.#session = session;
    this.#object = fn;
    this.#text = functionText(fn);
    this.#fn = this.#evaluate(`${SHELF}[Symbol.for('${KEY.description}')]`);
    const { internalProperties } = this.#propertiesOf(this.#fn);
    const internal = (name: string): RemoteValue | undefined =>
      internalProperties.find((property) => property.name === name)?.value;
    const at = internal('[[FunctionLocation]]')?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    this.location = at && { scriptId: at.scriptId, line: at.lineNumber, column: at.columnNumber };
    this.isBound = internal('[[TargetFunction]]') !== undefined;
    this.#scopesId = internal('[[Scopes]]')?.objectId;
  }

  /** The script it stands in. */
  script(): Script | undefined {
    const { location } = this;
    if (location === undefined) return undefined;
    const { scriptId } = location;
    const known = scripts.get(scriptId);
    if (known !== undefined) return known;
    const isModule = this.#scopes().some(({ kind }) => kind === 'Module');
    const required = isModule ? undefined : this.#required(location);
    if (required !== undefined) return required;
    const script = this.#readFile(location, isModule) ?? this.#readScript(scriptId);
    if (scripts.size >= MOST_SCRIPTS) scripts.delete(scripts.keys().next().value as string);
    scripts.set(scriptId, script);
    return script;
  }

  /** Where its text begins in the source of its script; undefined if it is not there. */
  placeIn(source: string): number | undefined {
    return this.location && placeOf(this.#text, source, this.location);
  }

  /** Names of the non-global variables around it, whether it uses them or not. */
  surroundingNames(): string[] {
    const around = this.#scopes().filter(({ kind }) => kind !== 'Global');
    return around.flatMap(({ id }) => this.#propertiesOf(id).result.map(({ name }) => name));
  }

  /** Names in its nearest scope, if that is a function's. For a function that captures nothing, it is the program's own. */
  closureNames(): string[] {
    const [nearest] = this.#scopes();
    if (nearest?.kind !== 'Closure') return [];
    return this.#propertiesOf(nearest.id).result.map(({ name }) => name);
  }

  /** Ways to it from its module's variables: `['square']` is the function itself, `['Resizer', 'resize']` a member. */
  waysByVariables(): Way<Path>[] {
    const variables = Object(this.moduleValue([])) as Record<string, unknown>;
    return Object.getOwnPropertyNames(variables).flatMap((name) => waysBy(variables, name, this.#object));
  }

  /** The value of a variable of its module, or of a property of that; for an empty path, an object of all variables. */
  moduleValue(path: readonly string[]): unknown {
    const scope = this.#scopes().find(({ kind }) => kind === 'Module');
    if (scope === undefined) return undefined;
    this.#post('Runtime.callFunctionOn', {
      objectId: scope.id,
      functionDeclaration: String(handOut),
      arguments: [{ objectId: this.#evaluate(SHELF) }, { value: KEY.description }, { value: path }],
    });
    return Reflect.get(Session, KEY);
  }

  #scopes(): Scope[] {
    if (this.#scopesId === undefined) return [];
    const { result } = this.#propertiesOf(this.#scopesId);
    return result.flatMap(({ name, value }) => {
      if (!/^\d+$/.test(name) || value?.objectId === undefined) return [];
      return [{ kind: (value.description ?? '').split(' ')[0] ?? '', id: value.objectId }];
    });
  }

  /**
   * The CommonJS file that exports the function, or else the main script, if the same text stands there. Not kept by V8's id, so
   * that a mistake affects this function only. Coverage lacks such a file until the function has been called, and a debugger
   * would be asked: the first call of a program takes 7 ms this way, and 40 to 60 without (measured).
   */
  #required(location: Location): Script | undefined {
    for (const path of requiredFilesOf(this.#object)) {
      const url = pathToFileURL(path).href;
      const source = this.#sourceOf(url, location);
      if (source !== undefined) return { url, isModule: false, isFile: true, source };
    }
    return undefined;
  }

  /**
   * The script, if it is a file as it is on disk. The URL comes from V8's coverage, which takes 4 ms: a debugger takes 20 to hash
   * every script (measured). The function's text at its place shows whether it is that file.
   */
  #readFile(location: Location, isModule: boolean): Script | undefined {
    const url = scriptUrl(this.#coveredUrl(location.scriptId) ?? '');
    const source = url.startsWith('file:') ? this.#sourceOf(url, location) : undefined;
    if (source === undefined) return undefined;
    return { url, isModule: isModule || isModuleFile(url, source), isFile: true, source };
  }

  /** The text of a file; undefined if the function's text is not at its place in it. */
  #sourceOf(url: string, location: Location): string | undefined {
    const source = textAt(url);
    return source !== undefined && placeOf(this.#text, source, location) !== undefined ? source : undefined;
  }

  /**
   * Coverage lacks scripts in which V8 has nothing left to count. Does without `Profiler.enable`, which is not needed: disabling
   * that again would end the coverage that somebody else measures.
   */
  #coveredUrl(id: string): string | undefined {
    const { result } = this.#post<{ result: { scriptId: string; url: string }[] }>(
      'Profiler.getBestEffortCoverage',
      {},
    );
    return result.find(({ scriptId }) => scriptId === id)?.url;
  }

  /** V8 reports the names of all scripts when a debugger is enabled. */
  #readScript(scriptId: string): Script {
    let found: { url: string; isModule?: boolean | undefined } | undefined;
    this.#session.on('Debugger.scriptParsed', ({ params }) => {
      if (params.scriptId === scriptId) found = params;
    });
    this.#post('Debugger.enable', {});
    const { scriptSource } = this.#post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId });
    this.#post('Debugger.disable', {});
    return {
      url: scriptUrl(found?.url ?? ''),
      isModule: found?.isModule ?? false,
      isFile: false,
      source: scriptSource,
    };
  }

  /** The id of the object that an expression evaluates to in the main context. */
  #evaluate(expression: string): string {
    const { result } = this.#post<{ result: RemoteValue }>('Runtime.evaluate', { expression });
    return result.objectId ?? '';
  }

  #propertiesOf(objectId: string): { result: Property[]; internalProperties: Property[] } {
    return this.#post('Runtime.getProperties', { objectId, ownProperties: true });
  }

  /** On its own thread a session answers before `post` returns. */
  #post<T>(method: string, params: object): T {
    let answer: unknown;
    let failure: Error | null = null;
    this.#session.post(method, params, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw new Error(`The inspector refused ${method}`, { cause: failure });
    return answer as T;
  }
}

/** Where a function's text begins in a file, if it stands where V8 says that the function is. */
function placeOf(text: string, source: string, { line, column }: Location): number | undefined {
  let offset = 0;
  for (let at = 0; at < line; at++) {
    offset = source.indexOf('\n', offset) + 1;
    if (offset === 0) return undefined;
  }
  const place = offset + column;
  // V8 gives the place of the parameters; the text begins before them.
  const start = source.lastIndexOf(text, place);
  return start !== -1 && place < start + text.length ? start : undefined;
}

/**
 * Runs in the inspector, with V8's record of a module's scope as `this`, so it must not refer to anything around it. Puts a value
 * where this program can take it.
 */
function handOut(
  this: { readonly object: Record<string, unknown> },
  shelf: object,
  key: string,
  path: readonly string[],
): void {
  let value: unknown = this.object;
  for (const name of path) value = Object(value)[name] as unknown;
  Reflect.set(shelf, Symbol.for(key), value);
}

function waysBy(variables: Record<string, unknown>, name: string, fn: object): Way<Path>[] {
  try {
    const value = variables[name];
    const members = waysIn(fn, value).map(({ path, by, owner }): Way<Path> => ({ path: [name, ...path], by, owner }));
    return value === fn ? [{ path: [name], by: 'itself', owner: undefined }, ...members] : members;
  } catch {
    // A `const` further down that has no value yet, or a Proxy that was revoked.
    return [];
  }
}
