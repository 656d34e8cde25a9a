import { types } from 'node:util';
import { inspected } from '../errors.js';
import type { Attachments } from './attachments.js';
import { asText, goesAsText } from './as-text.js';
import { isOrdinary, refusePlatformObject } from './classes.js';
import { Encoder } from './encoder.js';
import { define, headOf, isError, membersOf } from './error-parts.js';
import { contentsOf, entriesOf, valuesOf } from './members.js';
import { Special } from './special.js';

/**
 * The value as it can be handed to the serializer: itself if nothing in it is special, else a copy in which specials
 * stand for what is. Throws for what would silently arrive as something else.
 */
export function prepare(value: unknown, attachments?: Attachments): unknown {
  const mustLook = attachments !== undefined && attachments.objects.length > 0;
  return mustLook || holdsSpecial(value, new Set(), -LEVELS_AROUND) ? new Copy(attachments).of(value) : value;
}

/**
 * How deep the serializer of a thread can go depends on what else is on its stack; reading takes more of it than writing.
 * Measured on Node 20, 24 and 26, in processes and threads: beyond 1,530 levels. This is well below.
 */
export const MOST_LEVELS = 1000;

/** Levels of a message around the arguments in it, at most: they are not counted. */
const LEVELS_AROUND = 5;

/** A short text of a value. Never throws. */
export function show(value: unknown): string {
  return inspected(value, { depth: 1, maxArrayLength: 10, maxStringLength: 200, breakLength: Infinity });
}

/**
 * Whether a value holds anything special. Asked of every value that is sent, so primitives cost nothing, and only
 * objects that hold objects are remembered, in case of cycles.
 */
function holdsSpecial(value: unknown, seen: Set<object>, level: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (level > MOST_LEVELS) throw tooDeep();
  if (Array.isArray(value)) return listHoldsSpecial(value, value, seen, level);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    const contents = contentsOf(value);
    if (contents !== undefined) return listHoldsSpecial(value, contents, seen, level);
    if (isAtom(value)) return types.isSharedArrayBuffer(value);
    if (goesAsText(value) || isError(value)) return true;
    refusePlatformObject(prototype);
  }
  let remembered = false;
  // `in` is the fastest way to the keys of an object, but finds those of its class too, whose getters are not to be called.
  const isOfClass = prototype !== Object.prototype && prototype !== null;
  for (const key in value) {
    if (isOfClass && !Object.hasOwn(value, key)) continue;
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

function tooDeep(): RangeError {
  return new RangeError(`it is nested more than ${MOST_LEVELS} levels deep`);
}

/** Whether it is one of the most frequent values, which can always be copied. Others may be copied too. */
export function isCertainlyCloneable(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === undefined;
}

/** Objects with nothing in them to look at. */
function isAtom(value: object): boolean {
  return types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value) || types.isAnyArrayBuffer(value);
}

/** Copies values that hold specials, with the same cycles and shared parts. */
class Copy {
  readonly #attachments: Attachments | undefined;
  #level = -LEVELS_AROUND;
  readonly #copies = new Map<object, object>();
  /** Objects that have a copy, in the order in which the copies were begun. */
  readonly #begun: object[] = [];
  /** Texts of error members that cannot be copied. These are not tried again: errors may be nested, and hold one many times. */
  readonly #texts = new Map<unknown, string>();

  constructor(attachments: Attachments | undefined) {
    this.#attachments = attachments;
  }

  of(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    const made = this.#copies.get(value) ?? this.#attachments?.specialOf(value);
    if (made !== undefined) return made;
    if (this.#texts.has(value)) throw new TypeError('it cannot be copied');
    if (types.isProxy(value) || isAtom(value)) return value;
    if (isError(value)) return this.#error(value);
    if (goesAsText(value)) return this.#keep(value, new Special(asText(value)));
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

  /** A property's value, or its text if it cannot be copied. */
  #travelling(value: unknown): unknown {
    if (isCertainlyCloneable(value)) return value;
    const begun = this.#begun.length;
    const level = this.#level;
    try {
      const copy = this.of(value);
      new Encoder(this.#attachments).writeValue(copy);
      return copy;
    } catch {
      this.#level = level;
      this.#forget(begun);
      const text = this.#texts.get(value) ?? show(value);
      this.#texts.set(value, text);
      return text;
    }
  }

  /** Forgets copies begun since then: some are incomplete. */
  #forget(begun: number): void {
    for (const object of this.#begun.splice(begun)) this.#copies.delete(object);
  }

  /** Each call between two levels takes stack from the levels that there can be. */
  #container(value: object): object {
    if (this.#level > MOST_LEVELS) throw tooDeep();
    this.#level++;
    const copy = types.isMap(value) || types.isSet(value) ? this.#collection(value) : this.#members(value);
    this.#level--;
    return copy;
  }

  #collection(value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): object {
    if (types.isMap(value)) {
      const map = this.#keep(value, new Map());
      for (const [key, member] of entriesOf(value)) map.set(this.of(key), this.of(member));
      return map;
    }
    const set = this.#keep(value, new Set());
    for (const member of valuesOf(value as ReadonlySet<unknown>)) set.add(this.of(member));
    return set;
  }

  #members(value: object): object {
    const made = emptyCopyOf(value);
    if (made === undefined) return value;
    this.#keep(value, made);
    for (const [key, member] of Object.entries(value)) define(made, key, this.of(member));
    return made;
  }
}

/** The empty copy of an object, for its members; undefined if it is more than these: the serializer knows or refuses it. */
function emptyCopyOf(value: object): Record<string, unknown> | unknown[] | undefined {
  if (Array.isArray(value)) return Object.assign([], { length: value.length });
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null) refusePlatformObject(prototype);
  return isOrdinary(value, prototype) ? {} : undefined;
}
