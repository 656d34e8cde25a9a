/** Fewer than these are written faster as they are. */
const FEWEST = 16;

/**
 * A list of nothing but numbers, as it is written: V8 writes and reads each element of an array by itself, and this in one
 * copy. A map of a million numbers is 1.7 times as fast (measured).
 */
export class Numbers extends Float64Array {}

/** As many have memory that is there already: for each list anew, it would have to be collected. */
const ROOM = 8192;
/** Where lists are packed, one after the other. Made when it is needed, as the next: most children need neither. */
let room: Numbers | undefined;
let used = 0;

let writing = 0;

/**
 * Writes what holds packed lists: when that is done, their room is free. A getter in what is written may send another
 * message meanwhile, whose lists must not lie over these.
 */
export function whilePacked<T>(write: () => T): T {
  if (writing === 0) used = 0;
  writing++;
  try {
    return write();
  } finally {
    writing--;
  }
}

let unpacked: Float64Array | undefined;

/** The inverse of packing, for the bytes of a list. They need not be aligned, so they are copied to where they are. */
export function listOf(bytes: Uint8Array): number[] {
  const fits = bytes.byteLength <= 8 * ROOM;
  const numbers = fits ? (unpacked ??= new Float64Array(ROOM)) : new Float64Array(bytes.byteLength / 8);
  new Uint8Array(numbers.buffer).set(bytes);
  const list = listFor(bytes.byteLength / 8);
  for (let at = 0; at < list.length; at++) list[at] = numbers[at] as number;
  return list;
}

/** A list for so many numbers. */
export function listFor(count: number): number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- a list that grows is copied again and again
  return new Array<number>(count);
}

/** The list packed, to be written within `whilePacked`; itself, where it holds anything but numbers. */
export function packed(list: readonly unknown[]): readonly unknown[] {
  if (list.length < FEWEST || typeof list[0] !== 'number') return list;
  const numbers = space(list.length);
  for (let at = 0; at < list.length; at++) {
    const number = list[at];
    if (typeof number !== 'number') return list;
    numbers[at] = number;
  }
  // Whoever reads it gets a list: the pack lives in the bytes alone.
  return numbers as unknown as readonly unknown[];
}

function space(length: number): Numbers {
  if (used + length > ROOM) return new Numbers(length);
  room ??= new Numbers(ROOM);
  used += length;
  return room.subarray(used - length, used) as Numbers;
}
