import { createHash } from 'node:crypto';
import type { InputPrefix } from './journal.js';

/** How many texts are handed to the hash at a time, since each call costs about as much as a short line. */
const BATCH = 1024;
/** Pieces have little more than this many characters: no string is endless. */
const MOST_TEXT = 1 << 20;

/**
 * The hash of the texts of records, up to any record that was not hashed before. Texts wait here until somebody asks for a prefix
 * with them, or until there are many that are certain to be asked for.
 */
export class PrefixHash {
  readonly #hash = createHash('sha256');
  readonly #certain: number;
  #waiting: string[] = [];
  /** Characters that wait. */
  #size = 0;
  #hashed = 0;

  /** `certain`: how many records will be asked for in any case. */
  constructor(certain: number) {
    this.#certain = certain;
  }

  add(text: string): void {
    this.#waiting.push(text);
    this.#size += text.length + 1;
    const records = this.#hashed + this.#waiting.length;
    const isMany = this.#waiting.length >= BATCH || this.#size >= MOST_TEXT;
    if (isMany && records <= this.#certain) this.#update(records);
  }

  /** Hashes the first `records` records, or as many more as are hashed already. */
  upTo(records: number): InputPrefix {
    this.#update(records);
    return { records: this.#hashed, hash: this.#hash.copy().digest('base64') };
  }

  #update(records: number): void {
    if (records <= this.#hashed) return;
    for (const piece of piecesOf(this.#waiting.splice(0, records - this.#hashed))) {
      this.#hash.update(piece);
      this.#size -= piece.length;
    }
    this.#hashed = records;
  }
}

/** Joins the texts, each with a NUL at its end. */
function* piecesOf(texts: readonly string[]): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += `${text}\0`;
    if (piece.length < MOST_TEXT) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
