import { mentionsThis, OF_PROTOTYPE, type UnknownThis } from './this.js';

export type Path = [string, ...string[]];

/** A way to a function, from what its module exports. */
export interface Way<P extends readonly string[] = readonly string[]> {
  readonly path: P;
  /** Whether it is there itself, is a method of a class that is, or is one that an object there inherits. */
  readonly by: 'itself' | 'class' | 'instance';
}

/**
 * The way that is taken: what comes before the last name is what the function finds as `this`. So a method that asks for
 * that goes by the one instance of its class, if there is one. Undefined for a function to which there is no way.
 */
export function wayTaken<W extends Way>(fn: object, all: readonly W[]): W | UnknownThis | undefined {
  const asks = mentionsThis(fn);
  const ways = all.filter(({ by }) => by === 'itself' || (by === 'class' && !asks));
  const way = ways.find(({ path }) => isNamed(fn, path.at(-1))) ?? ways[0];
  if (way !== undefined || !asks) return way;
  const instances = all.filter(({ by }) => by === 'instance');
  return instances.length === 1 ? instances[0] : all.length === 0 ? undefined : OF_PROTOTYPE;
}

/** One that bears another name than where it is found was put there, and another one may be there in a worker. */
export function isNamed(fn: object, name: string | undefined): boolean {
  return (fn as { readonly name: unknown }).name === name;
}

/** Ways to a function by what a value holds, is a class of, or inherits. No getter is called. */
export function waysIn(fn: object, value: unknown): Way[] {
  if (!isObject(value)) return [];
  const own = keysOf(fn, value).map((key): Way => ({ path: [key], by: 'itself' }));
  if (typeof value !== 'function') return [...own, ...inherited(fn, value)];
  const prototype: unknown = value.prototype;
  const methods = isObject(prototype) ? keysOf(fn, prototype) : [];
  return [...own, ...methods.map((key): Way => ({ path: ['prototype', key], by: 'class' }))];
}

function inherited(fn: object, value: object): Way[] {
  const keys = prototypesOf(value).flatMap((prototype) => keysOf(fn, prototype));
  return keys.filter((key) => found(value, key) === fn).map((key) => ({ path: [key], by: 'instance' }));
}

function keysOf(fn: object, holder: object): string[] {
  const keys = Object.getOwnPropertyNames(holder);
  return keys.filter((key) => Object.getOwnPropertyDescriptor(holder, key)?.value === fn);
}

/** What a key leads to: a class nearer to the object may have another method of that name. */
function found(value: object, key: string): unknown {
  const holder = [value, ...prototypesOf(value)].find((at) => Object.hasOwn(at, key));
  return holder && (Object.getOwnPropertyDescriptor(holder, key)?.value as unknown);
}

function prototypesOf(value: object): object[] {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null ? [] : [prototype, ...prototypesOf(prototype)];
}

/** A function, or class, may hold others too. */
function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
