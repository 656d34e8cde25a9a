import { isDeepStrictEqual } from 'node:util';
import { decode, encode } from '../wire/codec.js';

/** How many copies to make. */
export interface CopyLimits {
  /** No copy after this many ms. */
  readonly ms: number;
  /** At least this many, however long it takes. */
  readonly atLeast: number;
  /** Never more than this. */
  readonly atMost: number;
}

/** All copies are in memory at once: at most this many bytes of them. */
const MOST_COPY_BYTES = 64 * 2 ** 20;

/**
 * Copies of the items in turn, each as a worker gets it: a function that changes its item never meets it again, as in a pool of
 * processes or threads. They are made before the clock starts, so their number also limits the tasks.
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

/** One copy of each item: tasks that run on these in this process leave the items themselves as they are. */
export function copiesOf(items: readonly unknown[]): unknown[] {
  return items.map((item) => decode(encode(item)));
}

/** Whether a function changed one of its copies. Compares with new copies: a copy has no class, and may differ from its item. */
export function areChanged(copies: readonly unknown[], items: readonly unknown[]): boolean {
  return copies.some((copy, index) => !isDeepStrictEqual(copy, decode(encode(items[index % items.length]))));
}
