import { createHash } from 'node:crypto';
import type { InputPrefix } from './journal.js';

/** Texts are handed to the hash so many at a time: each call costs about as much as a short line. */
const BATCH = 1024;

/**
 * The hash of the texts of records, up to any that was not hashed before. Texts wait here until somebody asks for the
 * prefix that they are in, or until there are many of which it is known that they will be asked for.
 */
export class PrefixHash {
  readonly #hash = createHash('sha256');
  readonly #certain: number;
  #waiting: string[] = [];
  #hashed = 0;

  /** `certain`: how many records will be asked for in any case. */
  constructor(certain: number) {
    this.#certain = certain;
  }

  add(text: string): void {
    this.#waiting.push(text);
    const records = this.#hashed + this.#waiting.length;
    if (this.#waiting.length >= BATCH && records <= this.#certain) this.#update(records);
  }

  /** Of so many records, or of as many more as are hashed. */
  upTo(records: number): InputPrefix {
    this.#update(records);
    return { records: this.#hashed, hash: this.#hash.copy().digest('base64') };
  }

  #update(records: number): void {
    if (records <= this.#hashed) return;
    const texts = this.#waiting.splice(0, records - this.#hashed);
    this.#hash.update(`${texts.join('\0')}\0`);
    this.#hashed = records;
  }
}
