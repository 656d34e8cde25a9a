import { types } from 'node:util';
import { isDetached } from './along.js';

/** Bytes of a primitive value, a key or an object in a message, roughly. */
const EACH = 8;
/** Deeper values are the encoder's: it knows how deep is too deep. */
const MOST_LEVELS = 100;

/**
 * How many bytes structured clone copies of a value, roughly, where it carries all of it as the encoder would: plain objects
 * and lists, each there once, of primitive values and of what moves. undefined for any other: what is special, what is shared, and
 * views of memory that stays, of which it would copy all.
 */
export function cloneSize(value: unknown, moves: ReadonlySet<object>): number | undefined {
  const size = new Sizes(moves).of(value, 0);
  return Number.isNaN(size) ? undefined : size;
}

class Sizes {
  readonly #moves: ReadonlySet<object>;
  readonly #seen = new Set<object>();

  constructor(moves: ReadonlySet<object>) {
    this.#moves = moves;
  }

  /** NaN where it cannot be so, which makes NaN of every sum. */
  of(value: unknown, level: number): number {
    if (typeof value === 'string') return EACH + value.length;
    if (typeof value === 'symbol' || typeof value === 'function') return NaN;
    if (typeof value !== 'object' || value === null) return EACH;
    if (this.#moves.has(value)) return isGone(value) ? NaN : EACH;
    if (this.#seen.has(value) || level > MOST_LEVELS || types.isProxy(value)) return NaN;
    this.#seen.add(value);
    if (ArrayBuffer.isView(value)) return this.#ofView(value);
    return this.#ofMembers(value, level + 1);
  }

  #ofView(view: ArrayBufferView): number {
    const travels = this.#moves.has(view.buffer) && !isGone(view.buffer) && !Buffer.isBuffer(view);
    return travels ? EACH : NaN;
  }

  #ofMembers(value: object, level: number): number {
    const prototype: unknown = Object.getPrototypeOf(value);
    let size = EACH;
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) size += this.of(value[at], level);
      return prototype === Array.prototype ? size : NaN;
    }
    if (prototype !== Object.prototype && prototype !== null) return NaN;
    for (const key in value) size += EACH + this.of((value as Record<string, unknown>)[key], level);
    return size;
  }
}

/** The encoder says what is wrong with it. */
function isGone(moved: object): boolean {
  return types.isArrayBuffer(moved) && isDetached(moved);
}
