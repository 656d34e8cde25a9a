import { types } from 'node:util';
import { MessagePort } from 'node:worker_threads';
import { expected } from '../errors.js';
import { noteMoves, type Transferable } from './moves.js';

/**
 * Marks an argument or a result that moves to another thread instead of being copied: `list` names the ArrayBuffers and
 * MessagePorts in it that change hands, and are gone on this side. The value may be any object within what is sent. Between
 * processes everything is copied all the same, and nothing is gone.
 *
 * @example
 * const pixels = new Uint8Array(1 << 24);
 * await pool.apply(blur, [transfer(pixels, [pixels.buffer])]);
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  check(value, list);
  if (list.length > 0) noteMoves(value as object, list);
  return value;
}

function check(value: unknown, list: readonly Transferable[]): void {
  if (!Array.isArray(list)) throw new TypeError(expected('list', 'an array of ArrayBuffers and MessagePorts', list));
  for (const [at, moved] of list.entries()) {
    if (!isTransferable(moved))
      throw new TypeError(expected(`list[${at}]`, `an ArrayBuffer or a MessagePort${hint(moved)}`, moved));
    const first = list.indexOf(moved);
    if (first < at) throw new TypeError(`Expected each of \`list\` once, but list[${at}] is list[${first}] again`);
  }
  const isObject = typeof value === 'object' && value !== null;
  if (list.length > 0 && !isObject) throw new TypeError(expected('value', 'an object that holds what moves', value));
}

function isTransferable(value: unknown): boolean {
  return types.isArrayBuffer(value) || value instanceof MessagePort;
}

function hint(value: unknown): string {
  return ArrayBuffer.isView(value) ? ' (of a view, its `buffer`)' : '';
}
