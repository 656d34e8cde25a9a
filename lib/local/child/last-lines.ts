import { setImmediate } from 'node:timers';

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
 * Copies a worker's output on. If nobody reads this program's output any more (`2>&1 | head`), the worker's is lost and the
 * program goes on, as it does with `console.error`.
 */
export function copyOn(data: Uint8Array, stream: NodeJS.WriteStream): void {
  const before = copying.get(stream) ?? 0;
  if (before === 0) stream.on('error', nothing);
  copying.set(stream, before + 1);
  // The error comes after the callback.
  stream.write(data, () => setImmediate(copied, stream));
}

/** Writes under way: one listener serves them all. */
const copying = new Map<NodeJS.WriteStream, number>();

function copied(stream: NodeJS.WriteStream): void {
  const left = (copying.get(stream) ?? 1) - 1;
  copying.set(stream, left);
  if (left === 0) stream.off('error', nothing);
}

function nothing(): void {}
