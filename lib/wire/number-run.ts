import { formatAt, HEADER, lengthAt, NUMBERS_FORMAT } from './frame-header.js';
import type { Command, OutcomeRun, Report } from './messages.js';
import { listOf } from './numbers.js';

/** Fewer numbers travel as JSON. */
const FEWEST = 9;
/** The number of the first task, the ms of all, and how many they are; then their values, where they have any. */
const FIELDS = 3;

/**
 * Outcomes that are nothing but numbers, or all undefined, as 64-bit floats in the byte order of this machine, after so many bytes for
 * a header; in `room`, which begins at a multiple of 8 bytes, where that is given and they fit. Tiny tasks answer in groups of at
 * most 256: to make a serializer for each took as long as the tasks, and memory for each is a twentieth of their CPU (measured).
 */
export function numberRun(message: Command | Report, header: number, room?: Buffer): Buffer | undefined {
  const run = runOf(message);
  if (run === undefined) return undefined;
  const { first, ms, values } = run;
  const stored = values[0] === undefined ? 0 : values.length;
  const length = header + 8 * (FIELDS + stored);
  if (room !== undefined && room.length < length) return undefined;
  const frame = room === undefined ? Buffer.allocUnsafeSlow(length) : room.subarray(0, length);
  const numbers = new Float64Array(frame.buffer, frame.byteOffset + header, FIELDS + stored);
  numbers[0] = first;
  numbers[1] = ms;
  numbers[2] = values.length;
  if (stored === 0) return values.every((value) => value === undefined) ? frame : undefined;
  for (let at = 0; at < stored; at++) {
    const value = values[at];
    if (typeof value !== 'number') return undefined;
    numbers[FIELDS + at] = value;
  }
  return frame;
}

/** The inverse of `numberRun`, of the bytes after the header. */
export function fromNumberRun(bytes: Buffer): Report {
  const [first = 0, ms = 0, count = 0] = listOf(bytes.subarray(0, 8 * FIELDS));
  const values = bytes.byteLength === 8 * FIELDS ? nothing(count) : listOf(bytes.subarray(8 * FIELDS));
  return { type: 'settled', runs: [{ first, values, errors: [], ms }] };
}

function nothing(count: number): undefined[] {
  return Array<undefined>(count).fill(undefined);
}

/** More than one read of a pipe brings. */
const aligned = new Float64Array(8192);
const alignedBytes = new Uint8Array(aligned.buffer);
const headers = new DataView(aligned.buffer);
/** Numbers of a frame before its values. */
const BEFORE = HEADER / 8 + FIELDS;

/**
 * What frames of numbers say that lie one behind the other: of those that follow one another, a single run; and their bytes. A map of
 * a million numbers is answered in 4,000 frames, some ten of which lie in the pipe when the master comes to read it: a program's
 * first one takes 0.6 of the master's CPU so (measured). Throws where the first is none, or not whole.
 */
export function fromNumberFrames(frames: Uint8Array): { readonly report: Report; readonly bytes: number } {
  alignedBytes.set(frames);
  const first = aligned[1] as number;
  const to = Math.floor(frames.byteLength / 8);
  const isNothing = storedAt(0, to) === 0;
  let count = 0;
  let ms = 0;
  let end = 0;
  while (aligned[end + 1] === first + count) {
    const stored = storedAt(end, to);
    if (stored < 0 || (stored === 0) !== isNothing) break;
    ms += aligned[end + 2] as number;
    count += aligned[end + 3] as number;
    end += BEFORE + stored;
  }
  if (end === 0) throw new RangeError('A frame of numbers is not whole');
  const values = isNothing ? nothing(count) : listFrom(count, end);
  return { report: { type: 'settled', runs: [{ first, values, errors: [], ms }] }, bytes: 8 * end };
}

/** How many values lie in the frame that begins at a number; -1 where that is none of numbers, or not whole before another. */
function storedAt(from: number, to: number): number {
  if (from + BEFORE > to || formatAt(headers, 8 * from) !== NUMBERS_FORMAT) return -1;
  const stored = lengthAt(headers, 8 * from) / 8 - FIELDS;
  const isWhole = from + BEFORE + stored <= to && (stored === 0 || stored === aligned[from + 3]);
  return isWhole ? stored : -1;
}

/** The values of all frames before a number. */
function listFrom(count: number, end: number): number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- a list that grows is copied again and again
  const list = new Array<number>(count);
  for (let from = 0, to = 0; from < end;) {
    const next = from + BEFORE + (aligned[from + 3] as number);
    for (let at = from + BEFORE; at < next; at++) list[to++] = aligned[at] as number;
    from = next;
  }
  return list;
}

function runOf(message: Command | Report): OutcomeRun | undefined {
  if (message.type !== 'settled' || message.memory !== undefined || message.runs.length !== 1) return undefined;
  const [run] = message.runs;
  if (run === undefined || run.values.length < FEWEST || run.errors.length > 0) return undefined;
  return run.values[0] === undefined || typeof run.values[0] === 'number' ? run : undefined;
}
