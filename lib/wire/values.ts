import { inspect, types } from 'node:util';
import { serialize } from 'node:v8';
import { addKnownErrorConstructor, deserializeError, isErrorLike } from 'serialize-error';
import * as ours from '../errors.js';

/**
 * Structured clone loses an error's own properties, its name and the `errors` of an AggregateError, and turns a URL into
 * `{}` without a word. Such values travel as records; this stands for one in what is handed to the serializer, which
 * gives views, and no other objects, to its caller to write.
 */
export class Special extends Uint8Array {
  readonly record: SpecialRecord;

  constructor(record: SpecialRecord) {
    super(0);
    this.record = record;
  }
}

export type SpecialRecord = ErrorRecord | { readonly kind: 'url' | 'params'; readonly text: string };

/** An error as plain data. */
export interface ErrorRecord {
  readonly kind: 'error';
  /** The nearest of its classes that the other side knows. */
  readonly known: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its enumerable properties. */
  readonly own: Readonly<Record<string, unknown>>;
  /** `cause` and `errors`, which are not enumerable. */
  readonly hidden: Readonly<Record<string, unknown>>;
}

/** Whatever was thrown, as data that can be encoded. */
export type ThrownRecord = ErrorRecord | { readonly kind: 'value'; readonly value: unknown };

const NATIVE = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
  'DOMException',
];
const known = new Set(NATIVE);
for (const Class of Object.values(ours)) {
  if (typeof Class !== 'function' || !(Class.prototype instanceof Error)) continue;
  // Made without its constructor, which wants arguments; all its facts are properties and follow.
  const make = (): Error => Object.create(Class.prototype as object) as Error;
  addKnownErrorConstructor(Class as never, () =>
    Object.defineProperty(make(), 'name', { value: Class.name, configurable: true, writable: true }),
  );
  known.add(Class.name);
}

/** Errors whose records are being made: one of them within itself is left out, since a record cannot hold a circle. */
const underWay = new Set<unknown>();

/** What was thrown, as a record. Never throws, whatever it was. */
export function recordOf(thrown: unknown): ThrownRecord {
  if (isError(thrown)) return errorRecord(thrown);
  try {
    const value = prepare(thrown);
    serialize(plain(value));
    return { kind: 'value', value };
  } catch (error) {
    const found = whyNotCloneable(thrown, 'error');
    const reason = `${found?.reason ?? textOf(error)}. It was ${show(thrown)}`;
    return errorRecord(new ours.SerializationError('thrown', found?.path ?? 'error', reason));
  }
}

/** The inverse of `recordOf`. */
export function thrownFrom(record: ThrownRecord): unknown {
  return record.kind === 'value' ? record.value : revive(record);
}

/** What a special stood for. */
export function revive(record: SpecialRecord): unknown {
  switch (record.kind) {
    case 'url':
      return new URL(record.text);
    case 'params':
      return new URLSearchParams(record.text);
    case 'error':
      return reviveError(record);
    default:
      return record satisfies never;
  }
}

/**
 * The value as it can be handed to the serializer: itself where nothing in it is special, else a copy in which records
 * stand for what is. Throws for what would arrive as something else without a word.
 */
export function prepare(value: unknown): unknown {
  return holdsSpecial(value, new Set()) ? copy(value, new Map()) : value;
}

/**
 * The innermost place that keeps a value from being copied, such as `args[0].db.socket`, and why. Slow: for use after a
 * failure.
 */
export function whyNotCloneable(value: unknown, root: string): { path: string; reason: string } | undefined {
  return guiltyPlace(value, root, new Set());
}

/**
 * Whether a value holds anything special. Asked of every value that is sent, so primitives cost nothing, and only
 * objects that hold objects are remembered, against circles.
 */
function holdsSpecial(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return listHoldsSpecial(value, value, seen);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    if (value instanceof Map) return listHoldsSpecial(value, [...value.keys(), ...value.values()], seen);
    if (value instanceof Set) return listHoldsSpecial(value, [...value], seen);
    if (value instanceof Date || value instanceof RegExp) return false;
    if (value instanceof URL || value instanceof URLSearchParams || isError(value)) return true;
    refusePlatformObject(value, prototype);
  }
  let remembered = false;
  for (const key in value) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (typeof member !== 'object' || member === null) continue;
    if (!remembered && seen.has(value)) return false;
    if (!remembered) seen.add(value);
    remembered = true;
    if (holdsSpecial(member, seen)) return true;
  }
  return false;
}

function listHoldsSpecial(owner: object, list: readonly unknown[], seen: Set<object>): boolean {
  let remembered = false;
  for (const member of list) {
    if (typeof member !== 'object' || member === null) continue;
    if (!remembered && seen.has(owner)) return false;
    if (!remembered) seen.add(owner);
    remembered = true;
    if (holdsSpecial(member, seen)) return true;
  }
  return false;
}

/** Objects of the platform that structured clone cannot carry, and would make `{}` of. Classes of users are not among them. */
function refusePlatformObject(value: object, prototype: object): void {
  const { constructor } = prototype;
  if (typeof constructor !== 'function' || types.isBoxedPrimitive(value) || types.isAnyArrayBuffer(value)) return;
  const name = constructor.name;
  if (!Object.hasOwn(globalThis, name) || (globalThis as Record<string, unknown>)[name] !== constructor) return;
  throw new TypeError(`${name} objects cannot be copied`);
}

/** A copy of a value that holds specials, with the same circles and shared parts. */
function copy(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const special = specialOf(value);
  if (special !== undefined) {
    copies.set(value, special);
    return special;
  }
  const made = emptyLike(value);
  if (made === undefined) return value;
  copies.set(value, made);
  if (value instanceof Map)
    for (const [key, member] of value) (made as Map<unknown, unknown>).set(copy(key, copies), copy(member, copies));
  else if (value instanceof Set) for (const member of value) (made as Set<unknown>).add(copy(member, copies));
  else for (const [key, member] of Object.entries(value)) define(made, key, copy(member, copies));
  return made;
}

function specialOf(value: object): unknown {
  if (value instanceof URL) return new Special({ kind: 'url', text: value.href });
  if (value instanceof URLSearchParams) return new Special({ kind: 'params', text: value.toString() });
  if (!isError(value)) return undefined;
  return underWay.has(value) ? '[Circular]' : new Special(errorRecord(value));
}

/** What members can be copied into; undefined for what is copied as a whole. */
function emptyLike(value: object): object | undefined {
  if (Array.isArray(value)) return Object.assign([], { length: value.length });
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (
    value instanceof Date ||
    value instanceof RegExp ||
    types.isBoxedPrimitive(value) ||
    types.isAnyArrayBuffer(value)
  )
    return undefined;
  return {};
}

function errorRecord(error: object): ErrorRecord {
  underWay.add(error);
  try {
    const own: Record<string, unknown> = {};
    for (const key of keysOf(error)) {
      if (!HEAD.has(key)) define(own, key, travelling(read(error, key)));
    }
    const hidden: Record<string, unknown> = {};
    for (const key of ['cause', 'errors']) {
      if (Object.hasOwn(error, key) && !Object.hasOwn(own, key)) hidden[key] = travelling(read(error, key));
    }
    const [name, message, stack] = ['name', 'message', 'stack'].map((key) => read(error, key));
    return {
      kind: 'error',
      known: knownClassOf(error),
      name: String(name),
      message: String(message),
      stack: typeof stack === 'string' ? stack : undefined,
      own,
      hidden,
    };
  } finally {
    underWay.delete(error);
  }
}

/** What a record says by itself. */
const HEAD = new Set(['name', 'message', 'stack']);

/** A property's value, or its text where it cannot be copied. */
function travelling(value: unknown): unknown {
  if (underWay.has(value)) return '[Circular]';
  try {
    const prepared = prepare(value);
    serialize(plain(prepared));
    return prepared;
  } catch {
    return show(value);
  }
}

/** Without the specials: they have been tried when they were made. */
function plain(value: unknown): unknown {
  return value instanceof Special ? undefined : value;
}

function reviveError({ known: name, name: ownName, message, stack, own, hidden }: ErrorRecord): Error {
  const error =
    name === 'DOMException'
      ? new DOMException(message, ownName)
      : deserializeError({ name, message, stack: stack ?? '' });
  if (error.name !== ownName) defineHidden(error, 'name', ownName);
  defineHidden(error, 'stack', stack);
  for (const [key, value] of Object.entries(hidden)) defineHidden(error, key, value);
  for (const [key, value] of Object.entries(own)) define(error, key, value);
  return error;
}

function knownClassOf(error: object): string {
  for (
    let at = Object.getPrototypeOf(error) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const name = Object.hasOwn(at, 'constructor') ? read(at.constructor, 'name') : undefined;
    if (typeof name === 'string' && known.has(name)) return name;
  }
  return 'Error';
}

/** An error of this realm or another one, DOMException included, or what is made like one. */
function isError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  return types.isNativeError(value) || value instanceof Error || isErrorLike(value);
}

function guiltyPlace(value: unknown, path: string, seen: Set<unknown>): { path: string; reason: string } | undefined {
  if (typeof value === 'symbol' || typeof value === 'function')
    return { path, reason: `${show(value)} is a ${typeof value}` };
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (types.isProxy(value)) return { path, reason: 'it is a Proxy' };
  if (isError(value)) return undefined;
  for (const [step, member] of membersOf(value)) {
    const found =
      member instanceof Unreadable
        ? { path: path + step, reason: `its getter threw ${member.text}` }
        : guiltyPlace(member, path + step, seen);
    if (found !== undefined) return found;
  }
  try {
    serialize(plain(prepare(value)));
    return undefined;
  } catch (error) {
    return { path, reason: textOf(error) };
  }
}

/** What a getter threw in place of a value. */
class Unreadable {
  readonly text: string;

  constructor(error: unknown) {
    this.text = textOf(error);
  }
}

/** The members of an object, each with its step of a path. */
function* membersOf(value: object): Generator<[step: string, member: unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) {
    for (const [key, member] of value) {
      yield [`.key(${inspect(key)})`, key];
      yield [`.get(${inspect(key)})`, member];
    }
  }
  if (value instanceof Set) for (const member of value) yield [`.member(${inspect(member, { depth: 0 })})`, member];
  for (const key of keysOf(value)) {
    let member: unknown;
    try {
      member = (value as Record<string, unknown>)[key];
    } catch (error) {
      member = new Unreadable(error);
    }
    yield [stepOf(key, Array.isArray(value)), member];
  }
}

function stepOf(key: string, isList: boolean): string {
  if (isList && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function keysOf(value: object): string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch (error) {
    return `[threw ${show(error)}]`;
  }
}

/** As an assignment, for any key: `__proto__` stays a property. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function defineHidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

/** Short, and never throws. */
function show(value: unknown): string {
  try {
    return inspect(value, { depth: 1, maxArrayLength: 10, maxStringLength: 200, breakLength: Infinity });
  } catch {
    return `a ${typeof value} that cannot be shown`;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}
