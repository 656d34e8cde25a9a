import { transfer } from 'forkpool';

/** Kept apart from the other tasks: whoever loads this module loads forkpool, in a worker too. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** The same bytes, to be moved instead of copied. */
export function moving(bytes: Bytes): Bytes {
  return transfer(bytes, [bytes.buffer]);
}

/** A task: what came goes back, moved again. */
export function moveBack(bytes: Bytes): Bytes {
  return moving(bytes);
}
