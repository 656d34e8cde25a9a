import { constants } from 'node:buffer';
import { CsvError } from 'csv-parse';
import { UsageError } from '../usage-error.js';
import { CsvRecords, lineOf } from './csv-records.js';
import type { InputBytes } from './file-bytes.js';
import { allParts } from './lines.js';

/** How items are written in the input. */
export type Format = 'json' | 'lines' | 'csv' | 'nul';

/** An item as it stands in the input. Its text is all that a resumed run compares. */
export interface InputRecord {
  readonly text: string;
  /** The line that it ends in, counted from 1; with `nul`, the number of the item. */
  readonly line: number;
}

/** The records of a file, many at a time. Empty lines are skipped. @throws UsageError that names the file and the line */
export function recordsOf(format: Format, input: InputBytes, name: string): AsyncIterable<readonly InputRecord[]> {
  const bytes = onlyUtf8(input);
  return format === 'csv' ? csvRecords(bytes, name) : separated(bytes, format, name);
}

/**
 * Refuses UTF-16, known by its byte order mark: read as UTF-8, items would silently have other texts. And what gzip has made.
 *
 * @throws Error, told with the place in the input
 */
async function* onlyUtf8(input: InputBytes): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array = Buffer.of();
  for await (const bytes of input) {
    if (head.length < 2) {
      head = Buffer.concat([head, bytes.subarray(0, 2)]);
      const [first, second] = head;
      if (first === 0x1f && second === 0x8b) throw new Error('it is compressed by gzip (gunzip -c makes text of it)');
      if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
        throw new Error('it is UTF-16, and UTF-8 is expected (iconv -f UTF-16 -t UTF-8 makes it so)');
      }
    }
    yield bytes;
  }
}

async function* separated(
  input: AsyncIterable<Uint8Array>,
  format: Exclude<Format, 'csv'>,
  name: string,
): AsyncGenerator<InputRecord[]> {
  const separator = format === 'nul' ? '\0' : '\n';
  let line = 0;
  try {
    for await (const parts of allParts(input, separator)) {
      const records: InputRecord[] = [];
      for (const part of parts) {
        line++;
        const text = separator === '\n' && part.endsWith('\r') ? part.slice(0, -1) : part;
        if (!isEmpty(text, format)) records.push({ text, line });
      }
      yield records;
    }
  } catch (error) {
    throw unreadable(name, line + 1, error as Error);
  }
}

/** White space may surround JSON, but is a part of text. */
function isEmpty(text: string, format: Format): boolean {
  return (format === 'json' ? text.trim() : text) === '';
}

/** Each record becomes JSON, with the headers as keys. Records before a fault still run. */
async function* csvRecords(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<InputRecord[]> {
  const parser = new CsvRecords();
  try {
    for await (const chunk of input) {
      yield await parser.write(chunk);
      // Nothing after a fault counts, and an input that is still being written would make the user wait for its end.
      if (parser.fault !== undefined) break;
    }
    if (parser.fault === undefined) yield await parser.end();
  } catch (error) {
    throw error instanceof CsvError ? faulty(name, error) : unreadable(name, parser.line, error as Error);
  }
  if (parser.fault !== undefined) throw faulty(name, parser.fault);
}

function unreadable(name: string, line: number, error: Error): UsageError {
  const isTooLong = error instanceof RangeError && error.message === 'Invalid string length';
  const reason = isTooLong
    ? `it has more than the ${constants.MAX_STRING_LENGTH} characters that a string can have`
    : error.message;
  return new UsageError(`Cannot read the input ${name}:${line}: ${reason}`, { cause: error });
}

function faulty(name: string, fault: CsvError): UsageError {
  return new UsageError(`${name}:${lineOf(fault)}: ${fault.message}`, { cause: fault });
}

/** @throws UsageError that names the file and the line */
export function itemOf(format: Format, { text, line }: InputRecord, name: string): unknown {
  if (format === 'lines' || format === 'nul') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const hint = /^\s*[[{]\s*$/.test(text)
      ? "A value is on one line (jq -c . makes it so, jq -c '.[]' of the values of an array)"
      : 'Lines of plain text are for --lines';
    throw new UsageError(
      `${name}:${line}: expected a JSON value, got ${shown} (${(error as Error).message}). ${hint}`,
      { cause: error },
    );
  }
}
