import { Buffer } from 'node:buffer';
import { types } from 'node:util';
import { isDetached } from './attachments.js';
import { isDense } from './table.js';

/** Bytes of a primitive value, a key or an object in a message, roughly; of text, its length is added. */
const VALUE_BYTES = 8;
/** Deeper values are left to the encoder, which knows how deep is too deep. */
const MOST_CLONED_LEVELS = 100;
/** Structured clone writes the place and the length of a view into 32 bits. */
const VIEW_END_LIMIT = 2 ** 32;

/**
 * Roughly how many bytes structured clone copies of a value, if it carries all of it as the encoder would: plain objects and
 * lists, each occurring once, of primitive values and of what moves. Undefined for any other value: with specials, with shared
 * objects, or with views of memory that stays, which it would copy whole.
 */
export function cloneSize(value: unknown, moves: ReadonlySet<object>): number | undefined {
  const size = new Sizes(moves).of(value, 0);
  return Number.isNaN(size) ? undefined : size;
}

/** NaN stands for a value that the encoder must carry. */
class Sizes {
  readonly #moves: ReadonlySet<object>;
  readonly #seen = new Set<object>();

  constructor(moves: ReadonlySet<object>) {
    this.#moves = moves;
  }

  of(value: unknown, level: number): number {
    if (typeof value === 'string') return VALUE_BYTES + value.length;
    if (typeof value === 'symbol' || typeof value === 'function') return NaN;
    if (typeof value !== 'object' || value === null) return VALUE_BYTES;
    if (this.#seen.has(value) || level > MOST_CLONED_LEVELS || types.isProxy(value)) return NaN;
    this.#seen.add(value);
    if (ArrayBuffer.isView(value)) return this.#ofView(value);
    if (this.#moves.has(value)) return movesAsItIs(value) ? VALUE_BYTES : NaN;
    return Array.isArray(value) ? this.#ofList(value, level + 1) : this.#ofObject(value, level + 1);
  }

  #ofView(view: ArrayBufferView): number {
    const { buffer, byteOffset, byteLength } = view;
    if (Buffer.isBuffer(view) || byteOffset + byteLength >= VIEW_END_LIMIT) return NaN;
    return this.#moves.has(buffer) && movesAsItIs(buffer) ? VALUE_BYTES : NaN;
  }

  #ofList(list: readonly unknown[], level: number): number {
    if (Object.getPrototypeOf(list) !== Array.prototype || !isDense(list)) return NaN;
    let size = VALUE_BYTES;
    for (let at = 0; at < list.length && !Number.isNaN(size); at++) size += this.of(list[at], level);
    return size;
  }

  #ofObject(value: object, level: number): number {
    if (!isPlainObject(value)) return NaN;
    let size = VALUE_BYTES;
    for (const key in value) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      // A getter may say something else the next time.
      if (property === undefined || property.get !== undefined) return NaN;
      size += VALUE_BYTES + key.length + this.of(property.value, level);
      if (Number.isNaN(size)) return NaN;
    }
    return size;
  }
}

/** Not by its prototype alone: that of an error may have been changed. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isSpecial = types.isNativeError(value) || types.isMap(value) || types.isSet(value);
  return (prototype === Object.prototype || prototype === null) && !isSpecial && !types.isModuleNamespaceObject(value);
}

/** The encoder says what is wrong with detached memory, and gives views of resizable memory a length of their own. */
function movesAsItIs(moved: object): boolean {
  if (!types.isArrayBuffer(moved)) return true;
  return !isDetached(moved) && (moved as { readonly resizable?: boolean }).resizable !== true;
}
