import { isArrowFunction, mentionsThis, OF_PROTOTYPE, OF_SEVERAL, type UnknownThis } from './this.js';

export type Path = [string, ...string[]];

/** A way to a function, from what its module exports. */
export interface Way<P extends readonly string[] = readonly string[]> {
  readonly path: P;
  /** `itself`: it is exported or a member; `class`: a method of a class there; `heir`: inherited by an object or class there. */
  readonly by: 'itself' | 'class' | 'heir';
  /** What it is a member of; undefined if it is exported itself. */
  readonly owner: unknown;
}

/**
 * Chooses a way: whatever precedes the last name becomes the function's `this`. So a function that uses `this` goes by the one
 * object that has it, if there is just one. Undefined if there is no way.
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

/** A function that is exported itself is meant as such, whatever else has it. */
function ofOneOwner<W extends Way>(ways: readonly W[], heirs: readonly W[]): W | UnknownThis | undefined {
  const alone = ways.find(({ owner }) => owner === undefined);
  return alone ?? (ownersOf([...ways, ...heirs]).size > 1 ? OF_SEVERAL : ways[0]);
}

function ownersOf(ways: readonly Way[]): Set<unknown> {
  return new Set(ways.map(({ owner }) => owner));
}

/** Whether it is found under its own name. If not, it was put there, and a worker may have another function there. */
export function isNamed(fn: object, name: string | undefined): boolean {
  return (fn as { readonly name: unknown }).name === name;
}

/** Ways to a function by a value's own members, inherited ones, or a class's methods. Calls no getter. */
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
