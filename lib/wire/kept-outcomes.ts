import { Buffer } from 'node:buffer';
import type { OutcomeRun, TaskNumber } from './messages.js';
import { isPlain } from './plain.js';

/** The number of the first task and the ms of all, before the text. */
const FIELDS = 16;
/** Bytes of UTF-8 for each UTF-16 code unit of a string, at most. */
const UTF8_BYTES = 3;
/** JSON cannot say undefined, and no plain value is an object. */
const UNDEFINED = '{}';

/**
 * Outcomes that a worker has yet to send, beside its mark: there the master finds them if the worker dies, or is at its next task for
 * long. So several can be answered together, and yet a death has one suspect. Only values are kept that JSON carries as they are: of
 * those none can be changed by the next task.
 */
export class KeptOutcomes {
  readonly #room: Buffer;
  readonly #numbers: Float64Array;
  #bytes = 0;

  /** `room` begins at a multiple of 8 bytes. */
  constructor(room: Buffer) {
    this.#room = room;
    this.#numbers = new Float64Array(room.buffer, room.byteOffset, FIELDS / 8);
  }

  /** How much of the room is to be written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps one more value of tasks that follow one another from `first` on and took `ms` so far. False where it cannot be kept. */
  add(first: TaskNumber, value: unknown, ms: number): boolean {
    if (value !== undefined && !isPlain(value)) return false;
    const text = value === undefined ? UNDEFINED : JSON.stringify(value);
    const end = this.#bytes || FIELDS;
    if (end + UTF8_BYTES * text.length + 1 > this.#room.length) return false;
    this.#numbers[0] = first;
    this.#numbers[1] = ms;
    this.#bytes = end + this.#room.write(`${text},`, end);
    return true;
  }

  /** They have been sent. */
  drop(): void {
    this.#bytes = 0;
  }
}

/** What a worker has kept, of which so many bytes were written to the room. Undefined where nothing is, or somebody else wrote there. */
export function keptIn(room: Buffer, bytes: number): OutcomeRun | undefined {
  try {
    return bytes > FIELDS ? read(room, bytes) : undefined;
  } catch {
    return undefined;
  }
}

function read(room: Buffer, bytes: number): OutcomeRun {
  const numbers = new Float64Array(room.buffer, room.byteOffset, FIELDS / 8);
  // `add` wrote it.
  const values = JSON.parse(`[${room.toString('utf8', FIELDS, bytes - 1)}]`) as unknown[];
  return {
    first: numbers[0] as number,
    values: values.map((value) => (typeof value === 'object' && value !== null ? undefined : value)),
    errors: [],
    ms: numbers[1] as number,
  };
}
