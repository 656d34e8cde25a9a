import { expected } from '../errors.js';
import { mainScript } from '../main-script.js';
import { functionText } from '../wire/function-text.js';
import type { LocalReference, Reference } from '../wire/reference.js';
import { exportedOwner, exportedReference } from './exported.js';
import { Inspection, type Script } from './inspection.js';
import { referenceOf } from './reference.js';
import { cannotBeCalled } from './refusal.js';
import { taskFunctionReference } from './tasks-from.js';
import { isArrowFunction, mentionsThis, whyUncallable, type UnknownThis } from './this.js';

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
  if (!/\{\s*\[native code\]\s*\}$/.test(functionText(fn))) return undefined;
  try {
    return referenceOf(fn);
  } catch {
    // A bound one, say: it has its `this`.
    return undefined;
  }
}

/** @throws TaskNotFoundError for a method that asks for its `this`, where that is not known */
function local(fn: object): Reference {
  // An arrow function is often made for one call, and to look for what it is a member of takes a ms.
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
    // Without an inspector nobody knows.
    return undefined;
  }
}

/** What V8 shows no variable of is found as a worker finds it: in its module, which the main script may not have ended to be. */
function ofDefault(fn: object, inspection: Inspection, script: Script): Reference | UnknownThis | undefined {
  if (script.url === mainScript()) return undefined;
  const exported = exportedReference(fn, inspection, script);
  if (exported === undefined || 'method' in exported) return exported;
  return exported.sure && exported.reference.path.length > 1 ? exported.reference : undefined;
}
