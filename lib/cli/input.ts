import { createReadStream, fstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { UsageError } from './usage-error.js';

/** What an input held. */
export interface Input {
  readonly items: readonly unknown[];
  /** On which line each item stands, counted from 1. */
  readonly lines: readonly number[];
  /** As messages call it. */
  readonly name: string;
}

/**
 * The first `most` items of a file, or of stdin for `-`: one JSON value a line, or with `plain` the lines themselves. Empty
 * lines are skipped, and a byte order mark.
 *
 * @throws UsageError that names the line; where reading fails, the one after which it did
 */
export async function readInput(file: string, plain: boolean, most: number): Promise<Input> {
  const name = file === '-' ? 'stdin' : file;
  const items: unknown[] = [];
  const lines: number[] = [];
  let number = 0;
  for await (const read of readable(await linesOf(file), () => `${name}:${number}`)) {
    const line = number === 0 ? read.replace(/^\uFEFF/, '') : read;
    number++;
    if ((plain ? line : line.trim()) === '') continue;
    items.push(plain ? line : parsed(line, `${name}:${number}`));
    lines.push(number);
    if (items.length === most) break;
  }
  if (items.length === 0) throw new UsageError(`There are no items in ${name}: expected ${expectation(plain)}`);
  return { items, lines, name };
}

async function linesOf(file: string): Promise<AsyncIterable<string>> {
  if (file === '-' && fstatSync(0).isDirectory()) throw new UsageError('The input stdin is a folder: expected a file');
  if (file === '-') return createInterface({ input: process.stdin, crlfDelay: Infinity });
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`Cannot read the input ${file}: ${error.message}`, { cause: error });
  });
  if (found.isDirectory()) throw new UsageError(`The input ${file} is a folder: expected a file, or - for stdin`);
  return createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

async function* readable(lines: AsyncIterable<string>, place: () => string): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw new UsageError(`Cannot read the input after ${place()}: ${(error as Error).message}`, { cause: error });
  }
}

function parsed(line: string, place: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    const shown = line.length > 40 ? `${line.slice(0, 40)}…` : line;
    throw new UsageError(
      `${place}: expected a JSON value, got ${shown} (${(error as Error).message}). Lines of plain text are for --lines`,
      { cause: error },
    );
  }
}

function expectation(plain: boolean): string {
  return plain ? 'a line of text for each' : 'one JSON value a line';
}
