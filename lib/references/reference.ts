import { types } from 'node:util';
import { expected, messageOf, TaskNotFoundError } from '../errors.js';
import { functionText, isNative } from '../wire/function-text.js';
import type { Reference } from '../wire/reference.js';
import { exportedReference, globalReference, nativeReference } from './exported.js';
import { Inspection } from './inspection.js';
import { cannotTravel, nameOf, TASKS_FROM } from './refusal.js';
import { fromSource } from './source.js';
import { refuseModule, taskFunctionReference } from './tasks-from.js';

const references = new WeakMap<object, Reference>();

/** References of functions that travel as their text, by where they stand: a function made anew in a loop has the same one. */
const bySource = new Map<string, Reference>();
const MOST_SOURCES = 1000;

/**
 * How a function is named for a worker: by its module and export if it has one, else by its text if that is enough.
 *
 * @throws TypeError for what is no function, or one that cannot be called again elsewhere (bound, a class, a proxy);
 * TaskNotFoundError for one that captures variables or cannot be found, saying what was tried and what to do
 */
export function referenceOf(fn: unknown, name = 'fn'): Reference {
  if (typeof fn !== 'function') throw new TypeError(expected(name, 'a function', fn));
  let reference = references.get(fn) ?? taskFunctionReference(fn);
  if (reference === undefined) {
    refuse(fn, name);
    // A global function that is not native may be Node's, written in JavaScript, or one that the program made global.
    reference = (isNative(fn) ? nativeReference(fn) : undefined) ?? inspected(fn, name);
    references.set(fn, reference);
  }
  return reference;
}

function refuse(fn: object, name: string): void {
  refuseModule(fn);
  if (types.isProxy(fn)) throw new TypeError(expected(name, 'a function, not a Proxy of one', fn));
  // A method may be called `class`, or by a name that begins with it.
  if (/^class(?![\p{ID_Continue}$]|\s*\()/u.test(functionText(fn)))
    throw new TypeError(expected(name, 'a function, not a class: a class cannot be called', fn));
}

function inspected(fn: object, name: string): Reference {
  try {
    return Inspection.of(fn, (inspection) => find(fn, name, inspection));
  } catch (error) {
    if (error instanceof TaskNotFoundError || error instanceof TypeError) throw error;
    // Whatever it is, a name needs no inspector.
    const words = `Cannot find out where ${nameOf(fn)} comes from: ${messageOf(error)}`;
    const cure = `Under the Permission Model there is no inspector. Name it by ${TASKS_FROM}`;
    throw new TaskNotFoundError(`${words}. ${cure}`, { cause: error });
  }
}

function find(fn: object, name: string, inspection: Inspection): Reference {
  if (inspection.isBound) {
    throw new TypeError(expected(name, 'a function that is not bound: pass what it is bound to as an argument', fn));
  }
  const { scriptId, line, column } = inspection.location ?? {};
  const place = `${scriptId}:${line}:${column}`;
  const known = bySource.get(place);
  if (known !== undefined) return known;
  const script = inspection.script();
  const isNodes = script?.url.startsWith('node:') === true;
  const global = isNodes ? globalReference(fn) : undefined;
  if (global !== undefined) return global;
  const exported = script && exportedReference(fn, inspection, script);
  if (exported !== undefined && 'method' in exported) throw cannotTravel(fn, script?.url, exported);
  if (exported?.sure === true) return exported.reference;

  // A function that is not surely an export travels as its text if it can.
  const source = fromSource(fn, inspection, script);
  if ('reference' in source) return remembered(scriptId && place, source.reference);
  // A method found by its name alone is only a guess, and would miss its `this`.
  if (exported !== undefined && !('method' in source)) return exported.reference;
  throw cannotTravel(fn, script?.url, source);
}

function remembered(place: string | undefined, reference: Reference): Reference {
  if (place !== undefined) remember(place, reference);
  return reference;
}

function remember(place: string, reference: Reference): void {
  if (bySource.size >= MOST_SOURCES) bySource.delete(bySource.keys().next().value as string);
  bySource.set(place, reference);
}
