import { now } from '../lib/wire/clock.js';
import type { ChunkMessage, OutcomeRun, TaskNumber } from '../lib/wire/messages.js';
import type { ThrownRecord } from '../lib/wire/thrown.js';
import { ANSWER_MS, MOST_GROUP_TASKS, type Plan } from './group-plans.js';

/** Tasks that are answered together, while they run: the outcomes of those that have ended. */
export interface Group {
  readonly first: TaskNumber;
  readonly sharesMark: boolean;
  readonly values: unknown[];
  readonly errors: [number, ThrownRecord][];
  readonly start: number;
  readonly separate: boolean;
  /** The number of the first task of their chunk. */
  readonly chunk: TaskNumber;
  /** How many have ended; their values are the first in the list. */
  done: number;
  /** ms that all but the last took; 0 if not measured. */
  before: number;
  /** The last one's result cannot wait to be sent. */
  isUrgent: boolean;
}

/** Tasks of a chunk from the number `first` on, which begin now. */
export function groupOf(chunk: ChunkMessage, first: TaskNumber, { size, sharesMark }: Plan): Group {
  const separate = chunk.index === undefined;
  const values = listFor(size);
  return {
    first,
    sharesMark,
    values,
    errors: [],
    start: now(),
    separate,
    chunk: chunk.first,
    done: 0,
    before: 0,
    isUrgent: false,
  };
}

/** When the task began that has yet to end, by `now()`; now if that was not measured. */
export function startOfNext({ start, done, before }: Group): number {
  return done === 0 || before > 0 ? start + before : now();
}

/**
 * Outcomes of the tasks that have ended and took `ms`. A long last one gets its own run, so that its time is not averaged
 * away.
 */
export function outcomesOf(group: Group, ms: number): OutcomeRun[] {
  const { first, separate, chunk, values, errors, done, before } = group;
  const all = { first, separate, chunk, values, errors, ms };
  if (before === 0 || ms - before < ANSWER_MS) return [all];
  const at = done - 1;
  const thrown = errors.map(([, record]): [number, ThrownRecord] => [0, record]);
  return [
    { ...all, values: values.slice(0, at), errors: [], ms: before },
    { ...all, first: first + at, values: values.slice(at), errors: thrown, ms: ms - before },
  ];
}

/** Room for the largest group, filled one by one: V8 serializes a list that may have holes with each element's index. */
const places: unknown[] = [];
while (places.length < MOST_GROUP_TASKS) places.push(undefined);

/** A list of `size` places. One that grows is copied again and again: a tenth of the CPU of a map of numbers (measured). */
function listFor(size: number): unknown[] {
  return size === 1 ? [undefined] : places.slice(0, size);
}
