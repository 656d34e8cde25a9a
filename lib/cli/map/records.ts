import type { Readable } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import { UsageError } from '../usage-error.js';
import { allParts } from './lines.js';

/** How items are written in the input. */
export type Format = 'json' | 'lines' | 'csv' | 'nul';

/** An item as it stands in the input. Its text is all that a resumed run compares. */
export interface InputRecord {
  readonly text: string;
  /** Of its end, counted from 1. With `nul` it counts items. */
  readonly line: number;
}

/** The records of a file, many at a time. Empty lines are none. */
export function recordsOf(format: Format, input: Readable, name: string): AsyncIterable<readonly InputRecord[]> {
  if (format === 'csv') return csvRecords(input, name);
  return separated(input, format === 'nul' ? '\0' : '\n');
}

async function* separated(input: Readable, separator: '\n' | '\0'): AsyncGenerator<InputRecord[]> {
  let line = 0;
  for await (const parts of allParts(input as AsyncIterable<Uint8Array>, separator)) {
    const records: InputRecord[] = [];
    for (const part of parts) {
      line++;
      const text = separator === '\n' && part.endsWith('\r') ? part.slice(0, -1) : part;
      if (text.trim() !== '') records.push({ text, line });
    }
    yield records;
  }
}

/** As many as are worth a promise of their own. */
const CSV_RECORDS = 200;

/** Each becomes JSON, with the headers as keys. What stands before a fault still runs. */
async function* csvRecords(input: Readable, name: string): AsyncGenerator<InputRecord[]> {
  let fault: CsvError | undefined;
  const parser = parse({
    columns: true,
    bom: true,
    info: true,
    skip_empty_lines: true,
    // An error that it throws takes what it has read before with it.
    skip_records_with_error: true,
    // Nothing behind a fault counts; an input that is still being written would let the user wait for its end.
    on_skip(error) {
      if (fault !== undefined) return;
      fault = error;
      input.unpipe(parser);
      parser.end();
    },
  });
  input.on('error', (error) => parser.destroy(error)).pipe(parser);
  let records: InputRecord[] = [];
  try {
    // With `info` and `columns`, this is what the parser makes of each record.
    for await (const { record, info } of parser as AsyncIterable<{ record: object; info: Info }>) {
      if (fault !== undefined && info.lines >= lineOf(fault)) break;
      records.push({ text: JSON.stringify(record), line: info.lines });
      if (records.length < CSV_RECORDS) continue;
      yield records;
      records = [];
    }
  } catch (error) {
    yield records;
    throw error;
  } finally {
    input.destroy();
  }
  yield records;
  if (fault !== undefined) throw new UsageError(`${name}:${lineOf(fault)}: ${fault.message}`, { cause: fault });
}

function lineOf(fault: CsvError): number {
  return Number(fault['lines']);
}

/** @throws UsageError that names the file and the line */
export function itemOf(format: Format, { text, line }: InputRecord, name: string): unknown {
  if (format === 'lines' || format === 'nul') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new UsageError(
      `${name}:${line}: expected a JSON value, got ${shown} (${(error as Error).message}). Lines of plain text are for --lines`,
      { cause: error },
    );
  }
}
