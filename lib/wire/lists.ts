import type { ChunkMessage, Command, OutcomeRun, Report } from './messages.js';
import { packed } from './numbers.js';
import type { Values } from './values.js';
import { Special } from './special.js';
import { tableOf } from './table.js';
import { Unsharing } from './unsharing.js';

/** Items or results that travel together. */
interface List {
  readonly values: Values;
  /** Each value belongs to another call, and shares nothing with the others. Values of a map's chunk may share objects. */
  readonly independent: boolean;
  /** Each value is a list of arguments. */
  readonly spread: boolean;
}

/** Makes the lists of a message small and fast to write. The result must be encoded at once, within `whilePacked`. */
export function withLists<Message extends Command | Report>(message: Message): Message {
  if (message.type === 'run') {
    const unsharing = unsharingOf(message.chunks.map(listOfChunk));
    return { ...message, chunks: message.chunks.map((chunk) => writtenChunk(chunk, unsharing)) };
  }
  if (message.type === 'settled') {
    const unsharing = unsharingOf(message.runs.map(listOfRun));
    return { ...message, runs: message.runs.map((run) => writtenRun(run, unsharing)) };
  }
  return message;
}

function listOfChunk({ items, index, spread }: ChunkMessage): List {
  return { values: items, independent: index === undefined, spread };
}

function listOfRun({ values, separate = false }: OutcomeRun): List {
  return { values, independent: separate, spread: false };
}

/** Undefined if there is nobody to share anything with. */
function unsharingOf(lists: readonly List[]): Unsharing | undefined {
  const [first] = lists;
  const hasSeveral = lists.length > 1 || (first?.independent === true && first.values.length > 1);
  return hasSeveral ? new Unsharing() : undefined;
}

function writtenChunk(chunk: ChunkMessage, unsharing: Unsharing | undefined): ChunkMessage {
  const items = writtenList(listOfChunk(chunk), unsharing);
  return items === chunk.items ? chunk : { ...chunk, items };
}

/** Leaves out `separate` and `chunk`, which need not travel. */
function writtenRun(run: OutcomeRun, unsharing: Unsharing | undefined): OutcomeRun {
  const { first, errors, ms } = run;
  return { first, values: writtenList(listOfRun(run), unsharing), errors, ms };
}

/** A list as it is written: packed, as a table, or itself, with copies of values that other owners have too. */
function writtenList({ values, independent, spread }: List, unsharing: Unsharing | undefined): Values {
  const list = packed(values);
  if (list instanceof Float64Array) return list;
  const table = tableOf(list, independent, spread);
  // Its reader gets a list: a table lives in the bytes alone.
  if (table !== undefined) return new Special({ kind: 'table', ...table }) as unknown as readonly unknown[];
  return unsharing?.of(list, independent, spread) ?? list;
}
