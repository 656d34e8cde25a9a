import { types } from 'node:util';
import { inspected } from '../errors.js';
import type { Along } from './along.js';
import { isOrdinary, refusePlatformObject } from './classes.js';
import { Encoder } from './encoder.js';
import { define, headOf, isError, membersOf } from './error-parts.js';
import { contentsOf, entriesOf, valuesOf } from './members.js';
import { Special } from './special.js';

/**
 * The value as it can be handed to the serializer: itself where nothing in it is special, else a copy in which specials
 * stand for what is. Throws for what would arrive as something else without a word.
 */
export function prepare(value: unknown, along?: Along): unknown {
  const mustLook = along !== undefined && along.objects.length > 0;
  return mustLook || holdsSpecial(value, new Set(), 0) ? new Copy(along).of(value) : value;
}

/**
 * Where the serializer of one thread gets to the end of its stack depends on what else is on it; to read needs more of it
 * than to write. This is well below.
 */
const MOST_LEVELS = 2000;

/** Short, and never throws. */
export function show(value: unknown): string {
  return inspected(value, { depth: 1, maxArrayLength: 10, maxStringLength: 200, breakLength: Infinity });
}

/**
 * Whether a value holds anything special. Asked of every value that is sent, so primitives cost nothing, and only
 * objects that hold objects are remembered, against circles.
 */
function holdsSpecial(value: unknown, seen: Set<object>, level: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (level > MOST_LEVELS) throw new RangeError(`it is nested more than ${MOST_LEVELS} levels deep`);
  if (Array.isArray(value)) return listHoldsSpecial(value, value, seen, level);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    const contents = contentsOf(value);
    if (contents !== undefined) return listHoldsSpecial(value, contents, seen, level);
    if (isAtom(value)) return types.isSharedArrayBuffer(value);
    if (value instanceof URL || value instanceof URLSearchParams || isError(value)) return true;
    refusePlatformObject(prototype);
  }
  let remembered = false;
  for (const key in value) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (typeof member !== 'object' || member === null) continue;
    if (!remembered && seen.has(value)) return false;
    if (!remembered) seen.add(value);
    remembered = true;
    if (holdsSpecial(member, seen, level + 1)) return true;
  }
  return false;
}

function listHoldsSpecial(owner: object, list: readonly unknown[], seen: Set<object>, level: number): boolean {
  let remembered = false;
  for (let at = 0; at < list.length; at++) {
    const member = list[at];
    const isObject = typeof member === 'object' && member !== null;
    if (!isObject && (member !== undefined || at in list)) continue;
    if (!remembered && seen.has(owner)) return false;
    if (!remembered) seen.add(owner);
    remembered = true;
    if (!isObject) return holdsSpecial(Object.values(list), seen, level);
    if (holdsSpecial(member, seen, level + 1)) return true;
  }
  return false;
}

/** The most frequent ones, with which nothing can be wrong. */
export function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === undefined;
}

/** Objects with nothing in them to look at. */
function isAtom(value: object): boolean {
  return types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value) || types.isAnyArrayBuffer(value);
}

/** Copies of values that hold specials, with the same circles and shared parts. */
class Copy {
  readonly #along: Along | undefined;
  #level = 0;
  readonly #copies = new Map<object, object>();
  /** What there are copies of, in the order in which they were begun. */
  readonly #begun: object[] = [];
  /** Of what hangs on errors and cannot be copied. Not tried again: errors may be within each other, and hold it many times. */
  readonly #texts = new Map<unknown, string>();

  constructor(along: Along | undefined) {
    this.#along = along;
  }

  of(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    const made = this.#copies.get(value) ?? this.#along?.specialOf(value);
    if (made !== undefined) return made;
    if (this.#texts.has(value)) throw new TypeError('it cannot be copied');
    if (types.isProxy(value) || isAtom(value)) return value;
    if (isError(value)) return this.#error(value);
    if (value instanceof URL) return this.#keep(value, new Special({ kind: 'url', text: value.href }));
    if (value instanceof URLSearchParams)
      return this.#keep(value, new Special({ kind: 'params', text: value.toString() }));
    return this.#container(value);
  }

  #keep<T extends object>(value: object, made: T): T {
    this.#copies.set(value, made);
    this.#begun.push(value);
    return made;
  }

  #error(error: object): Special {
    const special = this.#keep(error, new Special(headOf(error)));
    special.members = membersOf(error, (value) => this.#travelling(value));
    return special;
  }

  /** A property's value, or its text where it cannot be copied. */
  #travelling(value: unknown): unknown {
    if (isPrimitive(value)) return value;
    const begun = this.#begun.length;
    try {
      const copy = this.of(value);
      new Encoder(this.#along).writeValue(copy);
      return copy;
    } catch {
      this.#forget(begun);
      const text = this.#texts.get(value) ?? show(value);
      this.#texts.set(value, text);
      return text;
    }
  }

  /** Of copies begun since then, some lack what was to come. */
  #forget(begun: number): void {
    for (const object of this.#begun.splice(begun)) this.#copies.delete(object);
  }

  #container(value: object): object {
    if (this.#level >= MOST_LEVELS) throw new RangeError(`it is nested more than ${MOST_LEVELS} levels deep`);
    this.#level++;
    try {
      return this.#copyOf(value);
    } finally {
      this.#level--;
    }
  }

  #copyOf(value: object): object {
    if (Array.isArray(value)) return this.#members(value, Object.assign([], { length: value.length }));
    if (types.isMap(value)) {
      const map = this.#keep(value, new Map());
      for (const [key, member] of entriesOf(value)) map.set(this.of(key), this.of(member));
      return map;
    }
    if (types.isSet(value)) {
      const set = this.#keep(value, new Set());
      for (const member of valuesOf(value)) set.add(this.of(member));
      return set;
    }
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype !== null) refusePlatformObject(prototype);
    return isOrdinary(value, prototype) ? this.#members(value, {}) : value;
  }

  #members(value: object, made: Record<string, unknown> | unknown[]): object {
    this.#keep(value, made);
    for (const [key, member] of Object.entries(value)) define(made, key, this.of(member));
    return made;
  }
}
