import { inspect, types } from 'node:util';
import { ERRORS } from '../errors.js';

/** What an error is without its properties. */
export interface ErrorHead {
  readonly kind: 'error';
  /** The nearest of its classes that the other side knows. */
  readonly known: string;
  readonly name: string;
  /** Undefined if it has only the one that all errors inherit. */
  readonly message: string | undefined;
  readonly stack: string | undefined;
}

/** The properties of an error. */
export interface Members {
  readonly own: Readonly<Record<string, unknown>>;
  /** Properties that are not enumerable, as `cause` and `errors` are. */
  readonly hidden: Readonly<Record<string, unknown>>;
}

/** Node 20 and 22 have none. */
const { SuppressedError } = globalThis as { SuppressedError?: SuppressedErrorConstructor };

const NATIVE = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
  ...(SuppressedError === undefined ? [] : [SuppressedError]),
] as const;

/** Properties that the constructor of an error makes not enumerable. */
const HIDDEN = ['cause', 'errors', 'error', 'suppressed', 'message', 'name'];

/** The prototypes of error classes, by class name. */
const PROTOTYPES = new Map<string, object>([...NATIVE, ...ERRORS].map(({ name, prototype }) => [name, prototype]));
const NATIVE_NAMES = new Set<string>(NATIVE.map(({ name }) => name));

/** Whether it is an error, of this realm or another one, DOMException included. Lookalikes are not. */
export function isError(value: object): boolean {
  if (types.isProxy(value)) return false;
  return types.isNativeError(value) || value instanceof Error || value instanceof DOMException;
}

/** Never throws, whatever the error's getters do. */
export function headOf(error: object): ErrorHead {
  const [name, message, stack] = ['name', 'message', 'stack'].map((key) => read(error, key));
  // A class may give its errors a message by a getter. The inherited default is ''.
  const hasMessage = Object.hasOwn(error, 'message') || (typeof message === 'string' && message !== '');
  return {
    kind: 'error',
    known: knownClassOf(error),
    name: textOf(name),
    message: hasMessage ? textOf(message) : undefined,
    stack: typeof stack === 'string' ? stack : undefined,
  };
}

/** `travelling` turns a property's value into one that can be copied. */
export function membersOf(error: object, travelling: (value: unknown) => unknown): Members {
  const own: Record<string, unknown> = {};
  const hidden: Record<string, unknown> = {};
  for (const key of Object.keys(error)) if (key !== 'stack') define(own, key, travelling(read(error, key)));
  for (const key of HIDDEN) {
    if (!Object.hasOwn(error, key) || Object.hasOwn(own, key)) continue;
    const value = read(error, key);
    const isInHead = typeof value === 'string' && (key === 'message' || key === 'name');
    if (!isInHead) hidden[key] = travelling(value);
  }
  return { own, hidden };
}

/** The inverse of `headOf`: the error without its properties. */
export function errorFrom({ known, name, message, stack }: ErrorHead): Error {
  const error = known === 'DOMException' ? new DOMException(message, name) : made(known, message);
  if (message === undefined) Reflect.deleteProperty(error, 'message');
  if (error.name !== name) defineHidden(error, 'name', name);
  return defineHidden(error, 'stack', stack);
}

/** Avoids the constructor, which may want other arguments: all its facts are properties and follow. */
function made(known: string, message: string | undefined): Error {
  const error = withoutStack(() => new Error(message));
  return Object.setPrototypeOf(error, PROTOTYPES.get(known) ?? Error.prototype) as Error;
}

/** This side's stack would be thrown away, and writing it takes longer than all the rest. */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  // An assignment would throw if `Error` is frozen (SES, `--frozen-intrinsics`).
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The inverse of `membersOf`. */
export function assignMembers(error: object, { own, hidden }: Members): void {
  for (const [key, value] of Object.entries(hidden)) defineHidden(error, key, value);
  for (const [key, value] of Object.entries(own)) define(error, key, value);
}

/** Assigns any key: `__proto__` stays a property. */
export function define(target: object, key: string, value: unknown): void {
  if (!(key in target)) (target as Record<string, unknown>)[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function defineHidden<T extends object>(target: T, key: string, value: unknown): T {
  return Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

/** A class counts as ours only with our base: others have a TimeoutError as well. */
function knownClassOf(error: object): string {
  const names = [...classNamesOf(error)];
  const isOurs = names.includes('PoolError');
  return names.find((name) => NATIVE_NAMES.has(name) || (isOurs && PROTOTYPES.has(name))) ?? 'Error';
}

function* classNamesOf(error: object): Generator<string> {
  let at = Object.getPrototypeOf(error) as object | null;
  for (; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const name = Object.hasOwn(at, 'constructor') ? read(at.constructor, 'name') : undefined;
    if (typeof name === 'string') yield name;
  }
}

/** A user's `name` may be an object without a `toString`. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 0 });
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch (error) {
    return `[threw ${error instanceof Error ? error.message : 'something'}]`;
  }
}
