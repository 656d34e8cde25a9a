import { types } from 'node:util';
import { packed } from './numbers.js';
import { listOf, type Values } from './values.js';

/** Fewer rows are written as fast as they are. */
const FEWEST_ROWS = 4;
/** Most leaves and objects of a row: in larger ones, keys are the lesser part. */
const MOST_LEAVES = 64;
const MOST_OBJECTS = 8;

/** A primitive value. */
const LEAF = 0;
/** A list of primitive values, whose length each row says. */
const LEAVES = 1;

/** What all rows of a table share: lists of a certain length, and objects with these keys, in this order. */
type Shape =
  typeof LEAF | typeof LEAVES | { readonly keys: readonly string[] | undefined; readonly members: readonly Shape[] };

/** A list of rows of one shape: all primitive values in them, one after the other. */
export interface Table {
  readonly shape: Shape;
  readonly rows: number;
  readonly values: Values;
}

/**
 * A list as a table, if all its members are plain and alike; undefined if not. V8 writes, reads and looks up each key of each
 * object, and remembers each object: a map over small objects takes 0.6 of the time this way, and so do many calls with an object
 * each (measured). A list with an object twice is no table, unless `independent` rows share it, which are not to share anything.
 * `spread`: rows are argument lists, all of one length; other lists may have any length.
 */
export function tableOf(list: readonly unknown[], independent: boolean, spread = false): Table | undefined {
  if (list.length < FEWEST_ROWS || typeof list[0] !== 'object') return undefined;
  try {
    const shape = new Sample().shapeOf(list[0], spread);
    return shape === undefined ? undefined : tabulated(list, shape, independent);
  } catch {
    // A getter threw: that is told when the list is encoded.
    return undefined;
  }
}

/** The inverse of `tableOf`. */
export function rowsOf({ shape, rows, values }: Table): unknown[] {
  let at = 0;
  const next = (of: Shape): unknown => {
    if (of === LEAF) return values[at++];
    if (of === LEAVES) return listOf(values, at + 1, (at += 1 + (values[at] as number)));
    const { keys, members } = of;
    if (keys === undefined) return members.map(next);
    const object: Record<string, unknown> = {};
    for (let place = 0; place < keys.length; place++) set(object, keys[place] as string, next(members[place] as Shape));
    return object;
  };
  const list: unknown[] = [];
  while (list.length < rows) list.push(next(shape));
  return list;
}

/** Defines keys that every object inherits: assignment would meet a frozen property, or a setter. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key in object)
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** Finds the shape of a row. */
class Sample {
  #leaves = 0;
  #objects = 0;

  /** `fixed`: each place of a list has a shape of its own. */
  shapeOf(value: unknown, fixed: boolean): Shape | undefined {
    if (isLeaf(value)) return ++this.#leaves > MOST_LEAVES ? undefined : LEAF;
    if (!isPlainOrList(value) || ++this.#objects > MOST_OBJECTS) return undefined;
    if (Array.isArray(value)) return this.#listShape(value, fixed);
    const keys = Object.keys(value);
    // An object that looks plain without keys, or with numeric ones, may be `arguments`, or a Date whose prototype was changed.
    const isOdd = keys.length === 0 || keys[0] === '0' || keys.includes('__proto__');
    return isOdd ? undefined : this.#shape(keys, Object.values(value));
  }

  #listShape(list: readonly unknown[], fixed: boolean): Shape | undefined {
    // It may have millions of holes.
    if (list.length > MOST_LEAVES) return undefined;
    return !fixed && list.every(isLeaf) ? LEAVES : this.#shape(undefined, list);
  }

  #shape(keys: string[] | undefined, values: readonly unknown[]): Shape | undefined {
    const members: Shape[] = [];
    for (const value of values) {
      const member = this.shapeOf(value, false);
      if (member === undefined) return undefined;
      members.push(member);
    }
    return { keys, members };
  }
}

function tabulated(list: readonly unknown[], shape: Shape, independent: boolean): Table | undefined {
  // What a program adds there would be taken for keys of each object.
  if (Object.keys(Object.prototype).length > 0) return undefined;
  const row = new Row(independent);
  for (const value of list) if (!row.put(value, shape)) return undefined;
  return { shape, rows: list.length, values: packed(row.values) };
}

/** Takes values apart, one after the other. */
class Row {
  readonly values: unknown[] = [];
  readonly #independent: boolean;
  /** The objects of the current value are the first `#count` of these. */
  readonly #objects: object[] = [];
  #count = 0;
  /** The objects of all values, if these may share them. */
  readonly #all = new Set<object>();

  constructor(independent: boolean) {
    this.#independent = independent;
  }

  /** False for one that has another shape, or holds what a table cannot. */
  put(value: unknown, shape: Shape): boolean {
    this.#count = 0;
    return this.#put(value, shape);
  }

  #put(value: unknown, shape: Shape): boolean {
    if (shape === LEAF) {
      this.values.push(value);
      return isLeaf(value);
    }
    if (!isPlainOrList(value) || !this.#isNew(value)) return false;
    if (shape === LEAVES) return Array.isArray(value) && this.#putLeaves(value);
    if (shape.keys !== undefined) return !Array.isArray(value) && this.#putMembers(value, shape.keys, shape.members);
    return Array.isArray(value) && this.#putList(value, shape.members);
  }

  /** An object that is there twice would arrive as two. */
  #isNew(object: object): boolean {
    if (!this.#independent) return this.#all.size < this.#all.add(object).size;
    for (let at = 0; at < this.#count; at++) if (this.#objects[at] === object) return false;
    this.#objects[this.#count++] = object;
    return true;
  }

  #putMembers(value: object, keys: readonly string[], members: readonly Shape[]): boolean {
    let at = 0;
    for (const key in value) {
      if (key !== keys[at]) return false;
      if (!this.#put((value as Record<string, unknown>)[key], members[at++] as Shape)) return false;
    }
    return at === keys.length;
  }

  #putList(list: readonly unknown[], members: readonly Shape[]): boolean {
    if (list.length !== members.length || !isDense(list)) return false;
    for (let at = 0; at < list.length; at++) if (!this.#put(list[at], members[at] as Shape)) return false;
    return true;
  }

  #putLeaves(list: readonly unknown[]): boolean {
    if (list.length > MOST_LEAVES || !isDense(list) || !list.every(isLeaf)) return false;
    this.values.push(list.length, ...list);
    return true;
  }
}

function isLeaf(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'symbol':
    case 'function':
      return false;
    default:
      return true;
  }
}

/** A plain object, or a list. */
function isPlainOrList(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === Array.prototype) && !types.isProxy(value);
}

/** Whether a list is nothing but its members: no holes, and no properties by other names. */
export function isDense(list: readonly unknown[]): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] === undefined && !(at in list)) return false;
  return Object.keys(list).length === list.length;
}
