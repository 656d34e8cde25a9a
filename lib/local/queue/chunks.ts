import type { Chunk } from '../../executor.js';
import { part } from '../../wire/values.js';

/** A chunk, with what is noted of it while it is cut, given and taken back. */
export interface LocalChunk extends Chunk {
  /** Of a divided one: how many of its parts have yet to be answered in full. */
  readonly parts?: { left: number };
  /** Of a single task: how many workers in a row died just before they began it. */
  readonly inVain?: number;
}

/** Part of a chunk: its tasks from `start` up to, not including, `end`. */
export function slice(chunk: LocalChunk, start: number, end = chunk.items.length): LocalChunk {
  return { ...chunk, index: chunk.index + start, items: part(chunk.items, start, end) };
}

/** Prepares a chunk for being cut in two: its job hears that it has answered when both parts have. */
export function shared(chunk: LocalChunk): LocalChunk {
  const parts = chunk.parts ?? { left: 1 };
  parts.left++;
  return { ...chunk, parts };
}

/** The tasks of a chunk, each as a chunk of its own. */
export function singly(chunk: LocalChunk): LocalChunk[] {
  const { length } = chunk.items;
  return length === 1 ? [chunk] : Array.from({ length }, (_, position) => slice(chunk, position, position + 1));
}

/** How many tasks there are in chunks. */
export function countOf(chunks: readonly Chunk[]): number {
  let sum = 0;
  for (const { items } of chunks) sum += items.length;
  return sum;
}
