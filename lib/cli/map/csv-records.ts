import { parse, type CsvError, type Parser } from 'csv-parse';
import { lineEndsOf, lineEndsOfAll, OLD_LINE_ENDS, type LineEnds } from './csv-line-ends.js';
import type { InputRecord } from './records.js';

/** The records of a CSV, as far as its bytes have come. */
export class CsvRecords {
  /** What came before it was known how lines end. */
  #head: Uint8Array = new Uint8Array();
  #parser: Parser | undefined;
  #fault: CsvError | undefined;

  /** The first thing that is wrong. Records before it have been returned, and none behind it. */
  get fault(): CsvError | undefined {
    return this.#fault;
  }

  /** The line that it stands in. */
  get line(): number {
    return this.#parser?.info.lines ?? 1;
  }

  /** The records that these bytes complete. @throws CsvError for headers that are none */
  async write(bytes: Uint8Array): Promise<InputRecord[]> {
    const parser = this.#parser;
    if (parser !== undefined) return this.#all(parser, (done) => parser.write(bytes, done));
    this.#head = Buffer.concat([this.#head, bytes]);
    const ends = lineEndsOf(this.#head);
    return ends === undefined ? [] : this.#begin(ends);
  }

  /** The record that no line end has completed. */
  async end(): Promise<InputRecord[]> {
    const begun = this.#parser === undefined ? await this.#begin(lineEndsOfAll(this.#head)) : [];
    const parser = this.#parser as Parser;
    return [...begun, ...(await this.#all(parser, (done) => parser.end(done)))];
  }

  async #begin(ends: LineEnds): Promise<InputRecord[]> {
    const parser = (this.#parser = this.#parserFor(ends));
    const head = this.#head;
    this.#head = new Uint8Array();
    return this.#all(parser, (done) => parser.write(head, done));
  }

  #parserFor(ends: LineEnds): Parser {
    /** The parser counts each `\r` and each `\n` in quotes as a line. Put right there, since its messages name lines as well. */
    const recount = (texts: readonly string[]): number => {
      const extra = ends === OLD_LINE_ENDS ? '\n' : '\r';
      (parser.info as { lines: number }).lines -= texts.reduce((sum, text) => sum + text.split(extra).length - 1, 0);
      return parser.info.lines;
    };
    const parser = parse({
      columns(names: string[]) {
        recount(names);
        return distinct(names);
      },
      bom: true,
      record_delimiter: [...ends],
      skip_empty_lines: true,
      on_record: (record: Record<string, string>): InputRecord => ({
        text: JSON.stringify(record),
        line: recount(Object.values(record)),
      }),
      // An error that it throws takes what it has read before with it.
      skip_records_with_error: true,
      on_skip: (error) => void (this.#fault ??= error),
    });
    // Who writes is told as well.
    parser.on('error', () => {});
    return parser;
  }

  /** It parses at once, and does not say that it is done before most of what it has made is taken. */
  async #all(parser: Parser, give: (done: (error?: Error | null) => void) => unknown): Promise<InputRecord[]> {
    const parsed = new Promise<void>((resolve, reject) => {
      give((error) => (error ? reject(error) : resolve()));
    });
    const records = this.#take(parser);
    await parsed;
    return [...records, ...this.#take(parser)];
  }

  #take(parser: Parser): InputRecord[] {
    const records: InputRecord[] = [];
    const end = this.#fault === undefined ? Infinity : lineOf(this.#fault);
    const next = (): InputRecord | null => parser.read() as InputRecord | null;
    for (let record = next(); record !== null; record = next()) {
      if (record.line < end) records.push(record);
    }
    return records;
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
