import type { Format } from '../input/records.js';

/** What becomes of a batch when an item fails. */
export type OnError = 'stop' | 'skip' | 'collect';

/** Options of the command, as commander gives them. */
export interface MapOptions {
  readonly eval?: string;
  readonly input?: readonly string[];
  readonly lines?: true;
  readonly csv?: true;
  readonly nul?: true;
  readonly output?: string;
  readonly unordered?: true;
  readonly onError: OnError;
  readonly errors?: string;
  readonly resume?: true;
  readonly shard?: string;
  readonly quiet?: true;
  readonly threads?: true;
  readonly async?: true;
  readonly processes?: number;
  readonly concurrency?: number;
  readonly chunksize?: number;
  readonly maxtasksperchild?: number;
  readonly maxMemory?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly initializer?: string;
  readonly initargs?: unknown[];
  readonly finalizer?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function formatOf({ lines, csv, nul }: MapOptions): Format {
  if (lines === true) return 'lines';
  if (csv === true) return 'csv';
  return nul === true ? 'nul' : 'json';
}
