import { types } from 'node:util';
import { isOfUsersClass } from './classes.js';
import { isDense } from './table.js';

/** Most values of a copy, nested ones included: copying more costs as much as a message of its own. */
const MOST_VALUES = 256;

/** In place of a copy. */
export const NO_COPY = Symbol('no copy');

/** Whether a value cannot be changed, and is carried as it is. */
type IsLeaf = (value: unknown) => boolean;

/**
 * Copies what a task returned, so that no later task can change it before it is sent: ordinary objects and lists that hold
 * leaves, each object occurring once. `NO_COPY` for anything else, which must be sent at once. A copy of nine leaves in three
 * objects takes 0.5 µs (measured).
 */
export function ownCopy(value: unknown, isLeaf: IsLeaf = isPrimitive): unknown {
  if (isLeaf(value)) return value;
  if (typeof value !== 'object' || value === null) return NO_COPY;
  // What a program adds there would be taken for members of each object.
  if (Object.keys(Object.prototype).length > 0) return NO_COPY;
  try {
    return new Copying(isLeaf).of(value);
  } catch {
    // A getter threw. That is told when it is encoded.
    return NO_COPY;
  }
}

class Copying {
  readonly #isLeaf: IsLeaf;
  readonly #seen: object[] = [];
  #left = MOST_VALUES;

  constructor(isLeaf: IsLeaf) {
    this.#isLeaf = isLeaf;
  }

  of(value: object): unknown {
    if (types.isProxy(value) || this.#seen.includes(value)) return NO_COPY;
    this.#seen.push(value);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (Array.isArray(value)) return prototype === Array.prototype ? this.#list(value) : NO_COPY;
    // An object without a prototype, or with one of no class, may be anything.
    if (prototype !== Object.prototype && !(prototype !== null && isOfUsersClass(prototype))) return NO_COPY;
    // Excludes `arguments` and errors, which may have any prototype.
    return Object.prototype.toString.call(value) === '[object Object]' ? this.#object(value) : NO_COPY;
  }

  #list(list: readonly unknown[]): unknown {
    if (list.length > this.#left || !isDense(list)) return NO_COPY;
    const copy = list.slice();
    for (let at = 0; at < copy.length; at++) {
      const member = this.#member(copy[at]);
      if (member === NO_COPY) return NO_COPY;
      copy[at] = member;
    }
    return copy;
  }

  /** V8 has fast paths for copying a whole object, and for the keys of one that it has just seen. */
  #object(object: object): unknown {
    const copy: Record<string, unknown> = { ...object };
    let first: string | undefined;
    for (const key in copy) {
      first ??= key;
      const value = copy[key];
      const member = this.#member(value);
      if (member === value) continue;
      if (member === NO_COPY || key === '__proto__') return NO_COPY;
      copy[key] = member;
    }
    // It may be a Map, or bytes, whose prototype was changed.
    return (first === undefined && isExotic(object)) || first === '0' ? NO_COPY : copy;
  }

  #member(value: unknown): unknown {
    if (--this.#left < 0) return NO_COPY;
    if (this.#isLeaf(value)) return value;
    return typeof value === 'object' && value !== null ? this.of(value) : NO_COPY;
  }
}

/** Whether an object is more than its members. */
function isExotic(object: object): boolean {
  const { isMap, isSet, isWeakMap, isWeakSet, isAnyArrayBuffer, isPromise, isGeneratorObject, isExternal } = types;
  const all = [isMap, isSet, isWeakMap, isWeakSet, isAnyArrayBuffer, isPromise, isGeneratorObject, isExternal];
  return ArrayBuffer.isView(object) || all.some((is) => is(object));
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null;
}
