import { expected } from '../errors.js';
import { mainScript } from '../main-script.js';
import { isNative } from '../wire/function-text.js';
import type { LocalReference, Reference } from '../wire/reference.js';
import { exportedOwner, exportedReference } from './exported.js';
import { Inspection, type Script } from './inspection.js';
import { referenceOf } from './reference.js';
import { cannotBeCalled } from './refusal.js';
import { refuseModule, taskFunctionReference } from './tasks-from.js';
import { isArrowFunction, mentionsThis, whyUncallable, type UnknownThis } from './this.js';

const references = new WeakMap<object, Reference>();

/**
 * A reference to the function itself: without a wall, any function will do. As elsewhere, functions of `tasksFrom` and of the
 * platform go by their names, and a method gets its `this`.
 */
export function localReferenceOf(fn: unknown, name = 'fn'): Reference {
  if (typeof fn !== 'function') throw new TypeError(expected(name, 'a function', fn));
  refuseModule(fn);
  if (taskFunctionReference(fn) !== undefined) return referenceOf(fn, name);
  let reference = references.get(fn);
  if (reference === undefined) references.set(fn, (reference = platformReference(fn) ?? local(fn)));
  return reference;
}

/** `Promise.resolve` and its like need their `this`, which follows from their names. */
function platformReference(fn: object): Reference | undefined {
  if (!isNative(fn)) return undefined;
  try {
    return referenceOf(fn);
  } catch {
    // A bound one, say: it has its `this`.
    return undefined;
  }
}

/** @throws TaskNotFoundError for a method that asks for its `this`, if that is not known */
function local(fn: object): Reference {
  // Arrow functions are often made for one call, and looking for an owner takes a ms.
  if (!mentionsThis(fn) || isArrowFunction(fn)) return called(fn, undefined);
  const found = ofMember(fn) ?? whyUncallable(fn) ?? called(fn, undefined);
  if ('method' in found) throw cannotBeCalled(fn, found);
  return found;
}

function called(fn: object, self: unknown): LocalReference {
  return { kind: 'local', fn: fn as LocalReference['fn'], self };
}

function ofMember(fn: object): Reference | UnknownThis | undefined {
  try {
    return Inspection.of(fn, (inspection) => {
      const script = inspection.script();
      const owner = script && exportedOwner(fn, inspection, script);
      if (owner === undefined) return script && ofDefault(fn, inspection, script);
      return 'method' in owner ? owner : called(fn, owner.self);
    });
  } catch {
    // Without an inspector the owner is unknown.
    return undefined;
  }
}

/** Finds a function that V8 shows no variable of as a worker does, by its module; not in the main script, which may still run. */
function ofDefault(fn: object, inspection: Inspection, script: Script): Reference | UnknownThis | undefined {
  if (script.url === mainScript()) return undefined;
  const exported = exportedReference(fn, inspection, script);
  if (exported === undefined || 'method' in exported) return exported;
  return exported.sure && exported.reference.path.length > 1 ? exported.reference : undefined;
}
