import { types } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { contentsOf, withoutHoles } from './members.js';
import type { Command, Report } from './messages.js';

/** An object that can change hands between threads. */
export type Transferable = ArrayBuffer | MessagePort;

interface Noted {
  /** The objects that move with each value. */
  readonly lists: WeakMap<object, readonly Transferable[]>;
  /** Most programs never move anything: then no message is searched for what moves. */
  used: boolean;
}

/** One for each thread, however many copies of this package it loads: task code notes what moves with what the worker's copy sends. */
const KEY = Symbol.for('forkpool.moves');
const shared = globalThis as unknown as Record<symbol, Noted | undefined>;
const noted: Noted = (shared[KEY] ??= { lists: new WeakMap(), used: false });

/** Notes the objects that move with a value, in place of those noted before. */
export function noteMoves(value: object, list: readonly Transferable[]): void {
  noted.lists.set(value, [...list]);
  noted.used = true;
}

/** Whether objects are noted that move with the value itself. */
export function hasMoves(value: object): boolean {
  return noted.lists.has(value);
}

/** The objects that move with any of the values, or with their contents, each once. */
export function movesOf(values: Iterable<unknown>): Set<Transferable> {
  const moves = new Set<Transferable>();
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const moved of noted.lists.get(value) ?? []) if (!isFixed(moved)) moves.add(moved);
    // By their places: a list may be of a class with another iterator.
    const members = membersOf(value);
    for (let at = 0; at < members.length; at++) look(members[at]);
  };
  if (noted.used) for (const value of values) look(value);
  return moves;
}

/** The objects that move with a message. */
export function movesIn(message: Command | Report): Set<Transferable> {
  return movesOf(valuesIn(message));
}

/** The values of a message that may hold what moves. Each worker needs the initargs, so these stay. */
function* valuesIn(message: Command | Report): Generator {
  if (message.type === 'run') for (const { items } of message.chunks) yield items;
  if (message.type === 'settled') for (const { values } of message.runs) yield values;
  if (message.type === 'reported') yield message.value;
}

/** Members with which something may move, or with what they hold. Calls no getters, which may throw. */
function membersOf(value: object): readonly unknown[] {
  if (ArrayBuffer.isView(value) || types.isProxy(value)) return [];
  if (Array.isArray(value)) return withoutHoles(value);
  const contents = contentsOf(value);
  if (contents !== undefined) return contents;
  return Object.values(Object.getOwnPropertyDescriptors(value)).map((property): unknown => property.value);
}

/**
 * Whether Node keeps this memory, like the pool of small Buffers: it is copied. Before Node 21 nobody can tell, and `postMessage`
 * copies it by itself.
 */
function isFixed(moved: Transferable): boolean {
  // Not imported: no child of a pool of processes needs it, and each would load it.
  const { isMarkedAsUntransferable } = process.getBuiltinModule('node:worker_threads') as {
    isMarkedAsUntransferable?: (object: object) => boolean;
  };
  return isMarkedAsUntransferable?.(moved) ?? false;
}
