import { expected } from '../errors.js';
import type { Reference } from '../wire/reference.js';
import { referenceOf } from './reference.js';
import { taskFunctionReference } from './tasks-from.js';

const references = new WeakMap<object, Reference>();

/** The function itself: where there is no wall, any function will do. One of `tasksFrom` is found as elsewhere. */
export function localReferenceOf(fn: unknown, name = 'fn'): Reference {
  if (typeof fn !== 'function') throw new TypeError(expected(name, 'a function', fn));
  if (taskFunctionReference(fn) !== undefined) return referenceOf(fn, name);
  let reference = references.get(fn);
  if (reference === undefined)
    references.set(fn, (reference = { kind: 'local', fn: fn as (...args: never[]) => unknown }));
  return reference;
}
