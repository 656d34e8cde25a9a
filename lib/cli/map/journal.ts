/*
 * The journal of a run: what the next run must know when this one is killed. A text file, one JSON value a line. First comes
 * what the output depends on; then, for each write to the output and to the file of errors, an entry that names the items it
 * holds and how long the line of each is.
 *
 * The entry is written *before* the lines. So whenever the run was killed, the sizes of the two files tell, to the line, how
 * much of the last entry was written, and a half-written line is cut off. The other order could not tell a line that was
 * written just before the end from one that was not, and would run its item again.
 *
 * Nothing in it is ever changed: a resumed run adds an entry where it has cut the two files, and the lines that were promised
 * beyond that never came.
 */

/** What the output depends on: a run with another one must not go on with this output. */
export type Fingerprint = Readonly<Record<string, unknown>>;

/** A part of the input from its beginning: how many records, and the hash of their texts. */
export interface InputPrefix {
  readonly records: number;
  readonly hash: string;
}

/** Ends of the output and of the file of errors, in bytes. */
export interface Ends {
  readonly output: number;
  readonly errors: number;
}

/** An item whose lines are about to be written; the ends are their lengths, 0 for no line. */
export interface DoneItem extends Ends {
  readonly index: number;
  readonly failed: boolean;
}

export type Entry = ItemsEntry | EndsEntry;

/** Lists of lengths, in the order of the lines; a list of zeros alone is left out. */
export interface ItemsEntry {
  /** The indices of the items, or only the first if they are in a row. */
  readonly at: number | readonly number[];
  readonly output: readonly number[];
  readonly errors?: readonly number[];
  /** Places, in these lists, of items that failed. */
  readonly failed?: readonly number[];
  readonly input: readonly [records: number, hash: string];
}

/**
 * `synced`: both files are on the disk up to here. `cut`: they ended here when the run was resumed. `ended`: the run adds no more
 * lines. Without the last, as after a power failure, the output may have lines whose entries the disk has lost.
 */
export interface EndsEntry {
  readonly is: 'synced' | 'cut' | 'ended';
  readonly ends: readonly [output: number, errors: number];
}

const VERSION = 1;
const ENDS: readonly EndsEntry['is'][] = ['synced', 'cut', 'ended'];

export function headerText(fingerprint: Fingerprint): string {
  return lineOf({ forkpool: 'map', journal: VERSION, ...fingerprint });
}

const BEGINNING = '{"forkpool":"map",';

/** Whether a file with this head is a journal of any version, or what a crash left of one; if not, it is somebody else's. */
export function beginsJournal(head: string): boolean {
  return head.startsWith(BEGINNING) || BEGINNING.startsWith(head.replaceAll('\0', ''));
}

/** The inverse of `headerText`; undefined for a file that is something else. */
export function fingerprintOf(line: string): Fingerprint | undefined {
  const header = parsed(line);
  if (typeof header !== 'object' || header === null) return undefined;
  const { forkpool, journal, ...fingerprint } = header as Record<string, unknown>;
  return forkpool === 'map' && journal === VERSION ? fingerprint : undefined;
}

export function itemsText(items: readonly DoneItem[], { records, hash }: InputPrefix): string {
  const indices = items.map(({ index }) => index);
  const [first = 0] = indices;
  const inRow = indices.every((index, place) => index === first + place);
  const failed = items.flatMap((item, place) => (item.failed ? [place] : []));
  const entry: ItemsEntry = {
    at: inRow ? first : indices,
    output: items.map(({ output }) => output),
    ...(items.some(({ errors }) => errors > 0) ? { errors: items.map(({ errors }) => errors) } : {}),
    ...(failed.length > 0 ? { failed } : {}),
    input: [records, hash],
  };
  return lineOf(entry);
}

export function endsText(is: EndsEntry['is'], { output, errors }: Ends): string {
  return lineOf({ is, ends: [output, errors] } satisfies EndsEntry);
}

/** The inverse of the two; undefined for a line that is none of ours, such as zeros that a lost disk block left. */
export function entryOf(line: string): Entry | undefined {
  const entry = parsed(line);
  if (typeof entry !== 'object' || entry === null) return undefined;
  if (isEnds(entry) || isItems(entry)) return entry;
  return undefined;
}

function isEnds(entry: Partial<EndsEntry>): entry is EndsEntry {
  const { is, ends } = entry;
  return ENDS.some((known) => known === is) && isNumbers(ends) && ends.length === 2;
}

function isItems(entry: Partial<ItemsEntry>): entry is ItemsEntry {
  const { at, output, errors = output, failed = [], input } = entry;
  if (!isNumbers(output) || !isNumbers(errors) || errors.length !== output.length || !isNumbers(failed)) return false;
  const [records, hash] = Array.isArray(input) ? (input as unknown[]) : [];
  if (typeof records !== 'number' || typeof hash !== 'string') return false;
  return typeof at === 'number' || (isNumbers(at) && at.length === output.length);
}

function isNumbers(list: unknown): list is readonly number[] {
  return Array.isArray(list) && list.every((one) => typeof one === 'number');
}

/** The inverse of what `itemsText` does to the items. */
export function itemsOf({ at, output, errors, failed }: ItemsEntry): DoneItem[] {
  const failures = new Set(failed);
  return output.map((length, place) => ({
    index: typeof at === 'number' ? at + place : (at[place] as number),
    failed: failures.has(place),
    output: length,
    errors: errors?.[place] ?? 0,
  }));
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
