import type { ChunkMessage, Command, Report } from './messages.js';
import { packed } from './numbers.js';
import { Special } from './special.js';
import { tableOf } from './table.js';
import { Unsharing } from './unsharing.js';

/** The message with what makes its lists small and fast to write, to be encoded at once: within `whilePacked`. */
export function withLists<Message extends Command | Report>(message: Message): Message {
  if (message.type === 'run') {
    const unsharing = hasSeveral(message.chunks) ? new Unsharing() : undefined;
    const chunks = message.chunks.map((chunk) => replaced(chunk, 'items', itemsOf(chunk, unsharing)));
    return { ...message, chunks };
  }
  if (message.type === 'settled') {
    const runs = message.runs.map((run) => replaced(run, 'values', written(run.values, false) ?? run.values));
    return { ...message, runs };
  }
  return message;
}

/** Each call has arguments of its own; the items of a map share what they share. */
function itemsOf({ index, spread, items }: ChunkMessage, unsharing: Unsharing | undefined): readonly unknown[] {
  const independent = index === undefined;
  return written(items, independent, spread) ?? (independent ? unsharing?.of(items, spread) : undefined) ?? items;
}

/** A list as it is written, where that is shorter. Whoever reads it gets a list: this lives in the bytes alone. */
function written(list: readonly unknown[], independent: boolean, spread = false): readonly unknown[] | undefined {
  const numbers = packed(list);
  if (numbers !== list) return numbers;
  const table = tableOf(list, independent, spread);
  return table && (new Special({ kind: 'table', ...table }) as unknown as readonly unknown[]);
}

function hasSeveral(chunks: readonly ChunkMessage[]): boolean {
  return chunks.length > 1 || (chunks[0]?.items.length ?? 0) > 1;
}

function replaced<T extends object, Key extends keyof T>(of: T, key: Key, value: T[Key]): T {
  return of[key] === value ? of : { ...of, [key]: value };
}
