import type { InputFile } from './input-files.js';
import { recordsOf, type Format, type InputRecord } from './records.js';

/** Records that were read together. */
export interface RecordBatch {
  readonly records: readonly InputRecord[];
  /** Name of their file. */
  readonly name: string;
  /** Bytes read of all files so far, this batch included. */
  readonly end: number;
}

/** The records of the files, one after another; one is open at a time. @throws UsageError that names file and line */
export async function* batchesOf(files: readonly InputFile[], format: Format): AsyncGenerator<RecordBatch, void> {
  let before = 0;
  for (const file of files) {
    const { name } = file;
    const input = file.open();
    for await (const records of recordsOf(format, input, name)) {
      yield { records, name, end: before + (input.bytesRead ?? 0) };
    }
    before += input.bytesRead ?? 0;
  }
}
