import { expected } from '../errors.js';
import type { LocalReference, Reference } from '../wire/reference.js';
import { exportedOwner } from './exported.js';
import { Inspection } from './inspection.js';
import { referenceOf } from './reference.js';
import { taskFunctionReference } from './tasks-from.js';

const references = new WeakMap<object, Reference>();

/**
 * The function itself: where there is no wall, any function will do. What is told apart by its name elsewhere is here too:
 * one of `tasksFrom`, one of the platform, and what it is called with as `this`.
 */
export function localReferenceOf(fn: unknown, name = 'fn'): Reference {
  if (typeof fn !== 'function') throw new TypeError(expected(name, 'a function', fn));
  if (taskFunctionReference(fn) !== undefined) return referenceOf(fn, name);
  let reference = references.get(fn);
  if (reference === undefined) references.set(fn, (reference = platformReference(fn) ?? local(fn)));
  return reference;
}

/** `Promise.resolve` and others of its kind need their `this`, which their names tell. */
function platformReference(fn: object): Reference | undefined {
  if (!/\{\s*\[native code\]\s*\}$/.test(String(fn))) return undefined;
  try {
    return referenceOf(fn);
  } catch {
    // A bound one, say: it has its `this`.
    return undefined;
  }
}

function local(fn: object): LocalReference {
  return {
    kind: 'local',
    fn: fn as LocalReference['fn'],
    self: /\b(?:this|super)\b/.test(String(fn)) ? owner(fn) : undefined,
  };
}

function owner(fn: object): unknown {
  try {
    return Inspection.of(fn, (inspection) => {
      const script = inspection.script();
      return script && exportedOwner(fn, inspection, script);
    });
  } catch {
    // Without an inspector nobody knows.
    return undefined;
  }
}
