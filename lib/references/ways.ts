import { isArrowFunction, mentionsThis, OF_PROTOTYPE, OF_SEVERAL, type UnknownThis } from './this.js';

export type Path = [string, ...string[]];

/** A way to a function, from what its module exports. */
export interface Way<P extends readonly string[] = readonly string[]> {
  readonly path: P;
  /** Whether it is there itself, is a method of a class that is, or is one that an object or class there inherits. */
  readonly by: 'itself' | 'class' | 'heir';
  /** What it is a member of; undefined where it is itself what is exported. */
  readonly owner: unknown;
}

/**
 * The way that is taken: what comes before the last name is what the function finds as `this`. So a function that asks for
 * that goes by the one object that has it, if there is one. Undefined for a function to which there is no way.
 */
export function wayTaken<W extends Way>(fn: object, all: readonly W[]): W | UnknownThis | undefined {
  // An arrow function has the `this` of where it was made, whoever calls it.
  const asks = mentionsThis(fn) && !isArrowFunction(fn);
  const ways = all.filter(({ by }) => by === 'itself' || (by === 'class' && !asks));
  const named = ways.filter(({ path }) => isNamed(fn, path.at(-1)));
  const best = named.length > 0 ? named : ways;
  const heirs = all.filter(({ by }) => by === 'heir');
  if (!asks) return best[0];
  if (best.length > 0) return ofOneOwner(best, heirs);
  return ownersOf(heirs).size === 1 ? heirs[0] : all.length === 0 ? undefined : OF_PROTOTYPE;
}

/** What is itself exported is meant as such, whatever else has it. */
function ofOneOwner<W extends Way>(ways: readonly W[], heirs: readonly W[]): W | UnknownThis | undefined {
  const alone = ways.find(({ owner }) => owner === undefined);
  return alone ?? (ownersOf([...ways, ...heirs]).size > 1 ? OF_SEVERAL : ways[0]);
}

function ownersOf(ways: readonly Way[]): Set<unknown> {
  return new Set(ways.map(({ owner }) => owner));
}

/** One that bears another name than where it is found was put there, and another one may be there in a worker. */
export function isNamed(fn: object, name: string | undefined): boolean {
  return (fn as { readonly name: unknown }).name === name;
}

/** Ways to a function by what a value holds, is a class of, or inherits. No getter is called. */
export function waysIn(fn: object, value: unknown): Way[] {
  if (!isObject(value)) return [];
  const own = keysOf(fn, value).map((key): Way => ({ path: [key], by: 'itself', owner: value }));
  const all = [...own, ...inherited(fn, value)];
  if (typeof value !== 'function') return all;
  const owner: unknown = value.prototype;
  const methods = isObject(owner) ? keysOf(fn, owner) : [];
  return [...all, ...methods.map((key): Way => ({ path: ['prototype', key], by: 'class', owner }))];
}

function inherited(fn: object, owner: object): Way[] {
  const keys = prototypesOf(owner).flatMap((prototype) => keysOf(fn, prototype));
  return keys.filter((key) => found(owner, key) === fn).map((key) => ({ path: [key], by: 'heir', owner }));
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
