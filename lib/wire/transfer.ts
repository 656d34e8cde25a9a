import * as workerThreads from 'node:worker_threads';
import { types } from 'node:util';
import { expected } from '../errors.js';
import type { Command, Report } from './messages.js';

/** What can change hands between threads. */
export type Transferable = ArrayBuffer | workerThreads.MessagePort;

/** What `transfer` was told to move with a value. */
const lists = new WeakMap<object, readonly Transferable[]>();

/** Most programs never move anything: then no message is searched for what moves. */
let used = false;

/**
 * Marks an argument or a result that moves to another thread instead of being copied: `list` names the ArrayBuffers and
 * MessagePorts in it that change hands, and are gone on this side. It may be any object within what is sent.
 * Between processes everything is copied all the same, and nothing is gone.
 *
 * @example
 * const pixels = new Uint8Array(1 << 24);
 * await pool.apply(blur, [transfer(pixels, [pixels.buffer])]);
 */
export function transfer<T>(value: T, list: readonly Transferable[]): T {
  check(value, list);
  if (list.length > 0) lists.set(value as object, [...list]);
  used ||= list.length > 0;
  return value;
}

/** What moves with any of the values, or with what is in them, each once. */
export function movesOf(values: Iterable<unknown>): Set<Transferable> {
  const moves = new Set<Transferable>();
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const moved of lists.get(value) ?? []) if (!isFixed(moved)) moves.add(moved);
    for (const member of membersOf(value)) look(member);
  };
  if (used) for (const value of values) look(value);
  return moves;
}

/** What moves with a message. */
export function movesIn(message: Command | Report): Set<Transferable> {
  return movesOf(valuesIn(message));
}

/** The values of a message that those who gave them may have marked. Each worker needs the initargs, so these stay. */
function* valuesIn(message: Command | Report): Generator {
  if (message.type === 'run') for (const { items } of message.chunks) yield items;
  if (message.type === 'settled') for (const { values } of message.runs) yield values;
  if (message.type === 'reported') yield message.value;
}

/** What may be marked, or hold what is: a getter that throws is no concern of this search. */
function membersOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value) || types.isProxy(value)) return [];
  if (types.isMap(value)) return [...value.keys(), ...value.values()];
  if (types.isSet(value) || Array.isArray(value)) return value as Iterable<unknown>;
  return Object.values(Object.getOwnPropertyDescriptors(value)).map((property): unknown => property.value);
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
  return types.isArrayBuffer(value) || value instanceof workerThreads.MessagePort;
}

function hint(value: unknown): string {
  return ArrayBuffer.isView(value) ? ' (of a view, its `buffer`)' : '';
}

/**
 * Memory that Node keeps, as the pool of small Buffers: it is copied. Before Node 21 it cannot be told, and
 * `postMessage` copies it by itself.
 */
function isFixed(moved: Transferable): boolean {
  const { isMarkedAsUntransferable } = workerThreads as { isMarkedAsUntransferable?: (object: object) => boolean };
  return isMarkedAsUntransferable?.(moved) ?? false;
}
