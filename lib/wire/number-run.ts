import type { Command, OutcomeRun, Report } from './messages.js';
import { listOf } from './numbers.js';

/** Fewer numbers travel as JSON. */
const FEWEST = 9;
/** The number of the first task, and the ms of all. */
const FIELDS = 2;

/**
 * Outcomes that are nothing but numbers, as 64-bit floats in the byte order of this machine, after so many bytes for a header; in
 * `room`, which begins at a multiple of 8 bytes, where that is given and they fit. Tiny tasks answer in groups of at most 256: to
 * make a serializer for each took as long as the tasks, and memory for each is a twentieth of their CPU (measured).
 */
export function numberRun(message: Command | Report, header: number, room?: Buffer): Buffer | undefined {
  const run = runOf(message);
  if (run === undefined || run.values.length < FEWEST) return undefined;
  const { first, ms, values } = run;
  const length = header + 8 * (FIELDS + values.length);
  if (room !== undefined && room.length < length) return undefined;
  const frame = room === undefined ? Buffer.allocUnsafeSlow(length) : room.subarray(0, length);
  const numbers = new Float64Array(frame.buffer, frame.byteOffset + header, FIELDS + values.length);
  numbers[0] = first;
  numbers[1] = ms;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'number') return undefined;
    numbers[FIELDS + at] = value;
  }
  return frame;
}

/** The inverse of `numberRun`, of the bytes after the header. */
export function fromNumberRun(bytes: Buffer): Report {
  const [first = 0, ms = 0] = listOf(bytes.subarray(0, 8 * FIELDS));
  return { type: 'settled', runs: [{ first, values: listOf(bytes.subarray(8 * FIELDS)), errors: [], ms }] };
}

function runOf(message: Command | Report): OutcomeRun | undefined {
  if (message.type !== 'settled' || message.memory !== undefined || message.runs.length !== 1) return undefined;
  const [run] = message.runs;
  return run?.errors.length === 0 ? run : undefined;
}
