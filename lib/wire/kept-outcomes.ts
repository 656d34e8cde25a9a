import { Buffer } from 'node:buffer';
import type { OutcomeRun, TaskNumber } from './messages.js';
import { parse, stringify } from './originals.js';
import { NO_COPY, ownCopy } from './own-copy.js';
import { isJsonPrimitive, UTF8_BYTES } from './plain.js';

/** Bytes before the text: the number of the first task and the ms of all. */
const HEAD_BYTES = 16;
/** JSON has no undefined: an empty list stands for it, and so an object goes in a list of its own. */
const UNDEFINED = '[]';
/** Inherits what somebody gave to all lists and objects. */
const NO_OBJECT: object = [];

/**
 * Outcomes that a worker has yet to send, beside its mark, where the master finds them if the worker dies or is at its next task
 * for long. So several can be answered together, and yet a death has one suspect.
 */
export class KeptOutcomes {
  readonly #room: Buffer;
  readonly #numbers: Float64Array;
  #bytes = 0;

  /** `room` begins at a multiple of 8 bytes. */
  constructor(room: Buffer) {
    this.#room = room;
    this.#numbers = new Float64Array(room.buffer, room.byteOffset, HEAD_BYTES / 8);
  }

  /** How many bytes of the room are to be written. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps one more value of consecutive tasks that began with `first` and took `ms` so far. Returns a copy that no task can
   * change; `NO_COPY` if the value is not kept, since JSON does not carry it as it is or there is no room for it.
   */
  add(first: TaskNumber, value: unknown, ms: number): unknown {
    const own = value === undefined ? undefined : ownCopy(value, isJsonPrimitive);
    if (own === NO_COPY || (isObject(own) && 'toJSON' in NO_OBJECT)) return NO_COPY;
    const text = textOf(own);
    const end = this.#bytes || HEAD_BYTES;
    if (end + UTF8_BYTES * text.length + 1 > this.#room.length) return NO_COPY;
    this.#numbers[0] = first;
    this.#numbers[1] = ms;
    this.#bytes = end + this.#room.write(`${text},`, end);
    return own;
  }

  /** Drops the outcomes: they have been sent. */
  drop(): void {
    this.#bytes = 0;
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return UNDEFINED;
  const text = stringify(value);
  return isObject(value) ? `[${text}]` : text;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The outcomes that a worker kept in the first `bytes` of the room. Undefined if there are none, or others wrote there. */
export function keptIn(room: Buffer, bytes: number): OutcomeRun | undefined {
  try {
    return bytes > HEAD_BYTES ? read(room, bytes) : undefined;
  } catch {
    return undefined;
  }
}

function read(room: Buffer, bytes: number): OutcomeRun {
  const numbers = new Float64Array(room.buffer, room.byteOffset, HEAD_BYTES / 8);
  // `add` wrote it.
  const values = parse(`[${room.toString('utf8', HEAD_BYTES, bytes - 1)}]`) as unknown[];
  return {
    first: numbers[0] as number,
    values: values.map((value) => (Array.isArray(value) ? (value as unknown[])[0] : value)),
    errors: [],
    ms: numbers[1] as number,
  };
}
