import type { Sink } from '../output/sink.js';
import { endsText, itemsText, type DoneItem, type Ends, type InputPrefix } from './journal.js';

/** The lines of an item; empty if it has none. */
export interface ItemLines {
  readonly index: number;
  readonly failed: boolean;
  readonly output: string;
  readonly errors: string;
}

export interface WriterOptions {
  readonly output: Sink;
  readonly errors: Sink;
  readonly journal: Sink | undefined;
  /** Where the two files end now. */
  readonly ends: Ends;
  /** The first `records` records of the input, up to the last that is done, as the journal vouches for them. */
  readonly prefix: (records: number) => InputPrefix;
  /** Called once when something goes wrong: nothing is written after it. */
  readonly onFailure: () => void;
}

/** With more text than this waiting, whoever adds should wait. */
const MOST_WAITING = 262_144;
/** Characters that are written together, if more than one item: large results have added up to more than a string can hold. */
const MOST_TOGETHER = 1 << 24;
/** Twice as often as is promised, since a timer may be late, and a sync takes its time. */
const SYNC_MS = 500;

/**
 * Writes the lines of items, as many as have come while the last write was under way: the journal first, then the errors,
 * then the output.
 */
export class Writer {
  readonly #options: WriterOptions;
  #waiting: ItemLines[] = [];
  #size = 0;
  #ends: Ends;
  #synced: Ends;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #timer: NodeJS.Timeout;
  #isSyncDue = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#ends = options.ends;
    this.#synced = options.ends;
    this.#timer = setInterval(() => {
      this.#isSyncDue = true;
      this.#begin();
    }, SYNC_MS);
  }

  add(lines: ItemLines): void {
    this.#waiting.push(lines);
    this.#size += sizeOf(lines);
    this.#begin();
  }

  get isFull(): boolean {
    return this.#size > MOST_WAITING;
  }

  /** What went wrong, if anything did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Resolves when all that was added is written. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Writes and syncs what is left, and says in the journal that this is all. The files stay open. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    // A sync between two writes would leave out what the second of them has written.
    await this.written();
    this.#isSyncDue = true;
    this.#begin();
    await this.written();
    await this.#options.journal?.write(endsText('ended', this.#ends));
  }

  /** Writes nothing more: drops what waits. */
  async abandon(): Promise<void> {
    clearInterval(this.#timer);
    this.#waiting = [];
    this.#isSyncDue = false;
    await this.#writing;
  }

  #begin(): void {
    if (this.#writing === undefined && this.#failure === undefined) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Lines that come in this turn of the loop go along.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting.length > 0 || this.#isSyncDue) {
        if (this.#waiting.length > 0) await this.#write();
        if (this.#isSyncDue) await this.#sync();
      }
    } catch (error) {
      this.#failure = { error };
      this.#waiting = [];
      this.#options.onFailure();
    } finally {
      this.#writing = undefined;
    }
  }

  async #write(): Promise<void> {
    const { output, errors, journal, prefix } = this.#options;
    const lines = this.#take();
    const items = lines.map((line) => measured(line, errors));
    const last = items.reduce((most, { index }) => Math.max(most, index), 0);
    await journal?.write(itemsText(items, prefix(last + 1)));
    await errors.write(lines.map((line) => line.errors).join(''));
    await output.write(lines.map((line) => line.output).join(''));
    this.#ends = {
      output: items.reduce((sum, item) => sum + item.output, this.#ends.output),
      errors: items.reduce((sum, item) => sum + item.errors, this.#ends.errors),
    };
  }

  #take(): ItemLines[] {
    let [count, size] = [0, 0];
    for (const lines of this.#waiting) {
      if (count > 0 && size + sizeOf(lines) > MOST_TOGETHER) break;
      size += sizeOf(lines);
      count++;
    }
    this.#size -= size;
    return this.#waiting.splice(0, count);
  }

  /** The journal last: it says that the others are safe. */
  async #sync(): Promise<void> {
    const { output, errors, journal } = this.#options;
    this.#isSyncDue = false;
    if (this.#ends === this.#synced) return;
    const ends = this.#ends;
    await Promise.all([output.sync(), errors.sync()]);
    await journal?.write(endsText('synced', ends));
    await journal?.sync();
    this.#synced = ends;
  }
}

/** Errors that a sink does not keep are not found again, so none are promised. An output that has a journal is kept. */
function measured({ index, failed, output, errors }: ItemLines, { keeps }: Sink): DoneItem {
  return { index, failed, output: Buffer.byteLength(output), errors: keeps ? Buffer.byteLength(errors) : 0 };
}

function sizeOf({ output, errors }: ItemLines): number {
  return output.length + errors.length;
}
