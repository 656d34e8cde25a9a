import type { Transferable } from 'node:worker_threads';
import { expected } from '../errors.js';

/** What `transfer` was told to move with a value; primitives have nothing to move. */
const lists = new WeakMap<object, readonly Transferable[]>();

/**
 * Marks an argument or a result that moves to a thread instead of being copied: `list` names the ArrayBuffers and
 * MessagePorts in it that change hands, and are gone on this side. Between processes everything is copied all the same.
 *
 * @example
 * const pixels = new Uint8Array(1 << 24);
 * await pool.apply(blur, [transfer(pixels, [pixels.buffer])]);
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list)) throw new TypeError(expected('list', 'an array of ArrayBuffers and MessagePorts', list));
  if (typeof value === 'object' && value !== null) lists.set(value, list);
  return value;
}

/** What moves with any of the values, each once. */
export function movesOf(values: Iterable<unknown>): Set<Transferable> {
  const moves = new Set<Transferable>();
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    for (const moved of lists.get(value) ?? []) moves.add(moved);
  }
  return moves;
}
