import type { Readable } from 'node:stream';
import { UsageError } from '../usage-error.js';
import type { InputFile } from './input-files.js';
import { recordsOf, type Format, type InputRecord } from './records.js';

/** Records that were read together. */
export interface Batch {
  readonly records: readonly InputRecord[];
  /** Of their file. */
  readonly name: string;
  /** Bytes of all files that had been read with it. */
  readonly end: number;
}

/** The records of the files, one after another; one is open at a time. */
export async function* batchesOf(files: readonly InputFile[], format: Format): AsyncGenerator<Batch, void> {
  let before = 0;
  for (const file of files) {
    const { name } = file;
    const input = file.open();
    try {
      for await (const records of recordsOf(format, input, name)) {
        yield { records, name, end: before + bytesOf(input) };
      }
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`Cannot read the input ${name}: ${(error as Error).message}`, { cause: error });
    } finally {
      input.destroy();
    }
    before += bytesOf(input);
  }
}

/** Files count what was read of them; of a pipe nobody asks. */
function bytesOf(input: Readable): number {
  return (input as { bytesRead?: number }).bytesRead ?? 0;
}
