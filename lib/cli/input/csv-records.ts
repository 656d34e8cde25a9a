import { parse, type CsvError, type Parser } from 'csv-parse';
import { lineEndsOf, lineEndsOfAll, OLD_LINE_ENDS, type LineEnds } from './csv-line-ends.js';
import type { InputRecord } from './records.js';

/** The records of a CSV, as far as its bytes have come. */
export class CsvRecords {
  /** Bytes that came before it was known how lines end. */
  #head: Uint8Array = new Uint8Array();
  #parser: Parser | undefined;
  #fault: CsvError | undefined;

  /** The first error. Records before it have been returned, and none after it. */
  get fault(): CsvError | undefined {
    return this.#fault;
  }

  /** The line that the parser has reached. */
  get line(): number {
    return this.#parser?.info.lines ?? 1;
  }

  /** The records that these bytes complete. @throws CsvError for invalid headers */
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
    /** The parser counts each `\r` and each `\n` in quotes as a line. Corrects its count, since its messages name lines too. */
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
      // An error that the parser throws would lose what it has read before.
      skip_records_with_error: true,
      on_skip: (error) => void (this.#fault ??= error),
    });
    // The callback of the write gets it too.
    parser.on('error', () => {});
    return parser;
  }

  /** The parser works at once, but calls `done` only when most of its records are taken. */
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
