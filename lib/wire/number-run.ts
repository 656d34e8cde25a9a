import type { Command, OutcomeRun, Report } from './messages.js';

/** Fewer travel as JSON, more by the serializer: a worker never sends that many. */
const FEWEST_NUMBERS = 9;
export const MOST_NUMBERS = 1024;
/** Numbers before the values: the first task, the ms of all, how many tasks there are, and the first task of their chunk. */
export const RUN_FIELDS = 4;

/**
 * Encodes outcomes that are all numbers, or all undefined, as 64-bit floats in this machine's byte order, after `header` bytes
 * for a header; in `room`, if given, which begins at a multiple of 8 bytes. Undefined for others, or if `room` is too small. Tiny
 * tasks answer in groups of at most 256: making a serializer for each took as long as the tasks, and memory for each is a
 * twentieth of their CPU (measured).
 */
export function numberRun(message: Command | Report, header: number, room?: Buffer): Buffer | undefined {
  const run = runOf(message);
  if (run === undefined) return undefined;
  const { first, ms, values, chunk = NaN } = run;
  const stored = values[0] === undefined ? 0 : values.length;
  const length = header + 8 * (RUN_FIELDS + stored);
  if (room !== undefined && room.length < length) return undefined;
  const frame = room === undefined ? Buffer.allocUnsafeSlow(length) : room.subarray(0, length);
  const numbers = new Float64Array(frame.buffer, frame.byteOffset + header, RUN_FIELDS + stored);
  numbers[0] = first;
  numbers[1] = ms;
  numbers[2] = values.length;
  numbers[3] = chunk;
  if (stored === 0) return values.every((value) => value === undefined) ? frame : undefined;
  for (let at = 0; at < stored; at++) {
    const value = values[at];
    if (typeof value !== 'number') return undefined;
    numbers[RUN_FIELDS + at] = value;
  }
  return frame;
}

/** The inverse of `numberRun`, for numbers: threads send undefined ones as JSON. */
export function fromNumberRun(run: Float64Array): Report {
  const [first = 0, ms = 0] = run;
  return { type: 'settled', runs: [{ first, values: run.subarray(RUN_FIELDS), errors: [], ms }] };
}

function runOf(message: Command | Report): OutcomeRun | undefined {
  if (message.type !== 'settled' || message.memory !== undefined || message.runs.length !== 1) return undefined;
  const [run] = message.runs;
  if (run === undefined || run.errors.length > 0) return undefined;
  const { length, 0: value } = run.values;
  return length >= FEWEST_NUMBERS && length <= MOST_NUMBERS && (value === undefined || typeof value === 'number')
    ? run
    : undefined;
}
