import { types } from 'node:util';
import { Special } from './special.js';

export const MOVED = 'its memory was moved elsewhere before';

/**
 * Objects that go to another thread beside the bytes of a message: those that move, and memory that both sides share. In the
 * bytes a special stands for each, the same wherever it occurs.
 */
export class Attachments {
  readonly objects: object[] = [];
  readonly #specials = new Map<object, Special>();

  /** `moves` are attached wherever they occur, or nowhere. */
  constructor(moves: Iterable<object> = []) {
    for (const moved of moves) this.#add(moved);
  }

  /** The special that stands for an object in the bytes; undefined if it is copied like any other. */
  specialOf(object: object): Special | undefined {
    if (types.isArrayBuffer(object) && isDetached(object)) throw new TypeError(MOVED);
    return this.#specials.get(object) ?? (types.isSharedArrayBuffer(object) ? this.#add(object) : undefined);
  }

  #add(object: object): Special {
    const special = new Special({ kind: 'attachment', index: this.objects.push(object) - 1 });
    this.#specials.set(object, special);
    return special;
  }
}

/** Node 20 has no `buffer.detached`. */
export function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return new Uint8Array(buffer).byteLength < 0;
  } catch {
    return true;
  }
}
