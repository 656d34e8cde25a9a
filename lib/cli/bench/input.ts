import { batchesOf } from '../input/batches.js';
import { inputFiles } from '../input/input-files.js';
import { itemOf } from '../input/records.js';
import { UsageError } from '../usage-error.js';

/** What an input held. */
export interface Input {
  readonly items: readonly unknown[];
  /** Where each item stands, as messages call it: a file and its line, counted from 1. */
  readonly places: readonly string[];
}

/**
 * The first `most` items of a file, a glob, or of stdin for `-`: one JSON value a line, or with `plain` the lines themselves.
 * Read as `forkpool map` reads them, so that an item is the same in both.
 *
 * @throws UsageError that names the line
 */
export async function readInput(file: string, plain: boolean, most: number): Promise<Input> {
  const format = plain ? 'lines' : 'json';
  const items: unknown[] = [];
  const places: string[] = [];
  for await (const { records, name } of batchesOf(await inputFiles([file]), format)) {
    for (const record of records.slice(0, most - items.length)) {
      items.push(itemOf(format, record, name));
      places.push(`${name}:${record.line}`);
    }
    if (items.length === most) break;
  }
  if (items.length > 0) return { items, places };
  const expectation = plain ? 'a line of text for each' : 'one JSON value a line';
  throw new UsageError(`There are no items in ${file === '-' ? 'stdin' : file}: expected ${expectation}`);
}
