/** Bytes of an unfinished line that are kept: a child may write without ever ending a line. */
const LONGEST_LINE = 4096;

/** Keeps the last lines of a stream. */
export class LastLines {
  readonly #most: number;
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #rest = '';

  constructor(most: number) {
    this.#most = most;
  }

  add(data: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(data, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    this.#lines = [...this.#lines, ...lines].slice(-this.#most);
  }

  /** The lines so far, the unfinished last one included. */
  get lines(): readonly string[] {
    return this.#rest === '' ? this.#lines : [...this.#lines, this.#rest].slice(-this.#most);
  }
}
