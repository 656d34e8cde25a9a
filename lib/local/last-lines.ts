/** Characters of a line that are kept: a child may write without ever ending a line. */
const LONGEST_LINE = 4096;

/** Keeps the last lines of a stream, and whether any of its lines was notable. */
export class LastLines {
  readonly #most: number;
  readonly #notable: RegExp;
  #noted = false;
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #rest = '';

  constructor(most: number, notable = /$^/) {
    this.#most = most;
    this.#notable = notable;
  }

  add(data: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(data, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    this.#noted ||= lines.some((line) => this.#notable.test(line));
    this.#lines = [...this.#lines, ...lines.slice(-this.#most).map((line) => line.slice(-LONGEST_LINE))].slice(
      -this.#most,
    );
  }

  /** Whether a notable line has come, even one that is not kept any more. */
  get noted(): boolean {
    return this.#noted || this.#notable.test(this.#rest);
  }

  /** The lines so far, the unfinished last one included. */
  get lines(): readonly string[] {
    return this.#rest === '' ? this.#lines : [...this.#lines, this.#rest].slice(-this.#most);
  }
}

/**
 * Copies what a worker wrote on. Where nobody reads this program's stream any more (`2>&1 | head`), the worker's words are
 * lost and the program goes on, as it does with `console.error`.
 */
export function copyOn(name: 'stdout' | 'stderr', data: Uint8Array): void {
  const stream = process[name];
  if (copying[name]++ === 0) stream.on('error', nothing);
  const copied = (): void => {
    if (--copying[name] === 0) stream.off('error', nothing);
  };
  // The error comes after the callback.
  stream.write(data, () => setImmediate(copied));
}

/** Writes under way: one listener serves them all. */
const copying = { stdout: 0, stderr: 0 };

function nothing(): void {}
