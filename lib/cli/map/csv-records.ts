import { parse, type CsvError, type Info, type Parser } from 'csv-parse';
import type { InputRecord } from './records.js';

/** The records of a CSV, as far as its bytes have come. */
export class CsvRecords {
  readonly #parser: Parser;
  #fault: CsvError | undefined;

  constructor() {
    this.#parser = parse({
      columns: distinct,
      bom: true,
      info: true,
      skip_empty_lines: true,
      // An error that it throws takes what it has read before with it.
      skip_records_with_error: true,
      on_skip: (error) => void (this.#fault ??= error),
    });
    // Who writes is told as well.
    this.#parser.on('error', () => {});
  }

  /** The first thing that is wrong. Records before it have been returned, and none behind it. */
  get fault(): CsvError | undefined {
    return this.#fault;
  }

  /** The line that it stands in. */
  get line(): number {
    return this.#parser.info.lines;
  }

  /** The records that these bytes complete. @throws CsvError for headers that are none */
  async write(bytes: Uint8Array): Promise<InputRecord[]> {
    return this.#all((done) => this.#parser.write(bytes, done));
  }

  /** The record that no line end has completed. */
  async end(): Promise<InputRecord[]> {
    return this.#all((done) => this.#parser.end(done));
  }

  /** It parses at once, and does not say that it is done before most of what it has made is taken. */
  async #all(give: (done: (error?: Error | null) => void) => unknown): Promise<InputRecord[]> {
    const parsed = new Promise<void>((resolve, reject) => {
      give((error) => (error ? reject(error) : resolve()));
    });
    const records = this.#take();
    await parsed;
    return [...records, ...this.#take()];
  }

  #take(): InputRecord[] {
    const records: InputRecord[] = [];
    const end = this.#fault === undefined ? Infinity : lineOf(this.#fault);
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { record, info } = next;
      if (info.lines < end) records.push({ text: JSON.stringify(record), line: info.lines });
    }
    return records;
  }

  /** With `info` and `columns`, this is what the parser makes of each record. */
  #next(): { readonly record: object; readonly info: Info } | null {
    return this.#parser.read() as { record: object; info: Info } | null;
  }
}

export function lineOf(fault: CsvError): number {
  return Number(fault['lines']);
}

/** @throws TypeError for two columns of one name: an item would have but one of them */
function distinct(names: string[]): string[] {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new TypeError(`two columns are called \`${twice}\``);
  return names;
}
