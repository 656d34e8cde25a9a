import { now } from '../lib/wire/clock.js';
import type { ChunkMessage, TaskNumber } from '../lib/wire/messages.js';
import type { ThrownRecord } from '../lib/wire/values.js';
import { MOST_TASKS, type Plan } from './group-size.js';

/** Tasks that are answered together, while they run: the outcomes of those that have ended. */
export interface Group {
  readonly first: TaskNumber;
  /** Each has a mark of its own, with the outcomes of those before it; otherwise they share one. */
  readonly marked: boolean;
  readonly values: unknown[];
  readonly errors: [number, ThrownRecord][];
  readonly start: number;
  readonly separate: boolean;
  /** The number of the first task of their chunk. */
  readonly chunk: TaskNumber;
  /** How many have ended; their values are the first in the list. */
  done: number;
}

/** Tasks of a chunk from the number `first` on, which begin now. */
export function groupOf(chunk: ChunkMessage, first: TaskNumber, { size, marked }: Plan): Group {
  const separate = chunk.index === undefined;
  return { first, marked, values: listFor(size), errors: [], start: now(), separate, chunk: chunk.first, done: 0 };
}

/** As many as a group can hold, put there one by one: of a list that may have holes, V8 writes each place with its number. */
const places: unknown[] = [];
while (places.length < MOST_TASKS) places.push(undefined);

/** A list for so many values. One that grows is copied again and again: a tenth of the CPU of a map of numbers (measured). */
function listFor(size: number): unknown[] {
  return size === 1 ? [undefined] : places.slice(0, size);
}
