import { isDeepStrictEqual } from 'node:util';
import { decode, encode } from '../wire/codec.js';

/** How many copies are made. */
export interface CopyLimits {
  /** No copy after so many ms. */
  readonly ms: number;
  /** So many are made however long it takes. */
  readonly atLeast: number;
  /** Never more than so many. */
  readonly atMost: number;
}

/** Copies are in memory together: those of so many bytes at most. */
const MOST_COPY_BYTES = 64 * 2 ** 20;

/**
 * Copies of items in a circle, each as a worker gets it. A function that changes its item never meets what it has left of
 * it, as in a pool of processes or threads. They are made before a clock starts, so their number is also a limit of the tasks.
 */
export function freshItems(items: readonly unknown[], { ms, atLeast, atMost }: CopyLimits): unknown[] {
  const until = performance.now() + ms;
  const packed: Buffer[] = [];
  const copies: unknown[] = [];
  for (let bytes = 0; copies.length < atMost;) {
    if (copies.length >= atLeast && (bytes >= MOST_COPY_BYTES || performance.now() >= until)) break;
    const at = copies.length % items.length;
    const item = (packed[at] ??= encode(items[at]));
    bytes += item.length;
    copies.push(decode(item));
  }
  return copies;
}

/** Each item once, copied: whoever runs tasks on these in this process leaves the items themselves as they are. */
export function copiesOf(items: readonly unknown[]): unknown[] {
  return items.map((item) => decode(encode(item)));
}

/** Whether a function has changed one of the copies that it got. A copy need not be like its item: it is of no class. */
export function areChanged(copies: readonly unknown[], items: readonly unknown[]): boolean {
  return copies.some((copy, index) => !isDeepStrictEqual(copy, decode(encode(items[index % items.length]))));
}
