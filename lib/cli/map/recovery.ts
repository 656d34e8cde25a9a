import {
  entryOf,
  fingerprintOf,
  itemsOf,
  type DoneItem,
  type Ends,
  type EndsEntry,
  type Fingerprint,
  type InputPrefix,
  type ItemsEntry,
} from './journal.js';
import { Ranges } from './ranges.js';

/** What a journal tells, seen with the sizes that its files have now. */
export type Recovered =
  /** Its first line, which is written and synced before any other file is touched, is not whole. */
  | { readonly is: 'nothing' }
  /** It is not a journal. */
  | { readonly is: 'foreign' }
  | { readonly is: 'run'; readonly fingerprint: Fingerprint; readonly state: RunState };

/** How far a run came. */
export interface RunState {
  readonly done: Ranges;
  readonly failed: number;
  /** Where the files end with the last line of what is done. */
  readonly ends: Ends;
  readonly input: InputPrefix;
  /** Bytes of the journal that are whole. */
  readonly journal: number;
  /** Its last entry says that it came to its end: what stands behind the ends is not its own. */
  readonly isEnded: boolean;
  /** How long the file of errors was when a run last looked: a power failure leaves it no shorter. */
  readonly errorsSeen: number;
  /** What was journalled since the files were last synced: a machine that lost its power may have lost these lines. */
  readonly unsynced: { readonly from: Ends; readonly items: readonly DoneItem[] };
}

/** Whole lines of a journal, from its beginning. */
type Lines = () => AsyncIterable<readonly string[]>;

/**
 * Reads a journal twice: first for where its files ended, since a cut limits all entries before it. A line that is torn, or not
 * ours, ends both: what follows may look whole, but tells of a file that nobody knows.
 */
export async function recover(lines: Lines, sizes: Ends): Promise<Recovered> {
  const told = await endsIn(lines());
  let reader: Reader | undefined;
  for await (const line of each(lines())) {
    if (reader === undefined) {
      const fingerprint = fingerprintOf(line);
      if (fingerprint === undefined) return { is: 'foreign' };
      reader = new Reader(fingerprint, limitsOf(told, sizes), line);
    } else if (!reader.read(line)) break;
  }
  if (reader === undefined) return { is: 'nothing' };
  const { fingerprint, state } = reader;
  return { is: 'run', fingerprint, state: { ...state, errorsSeen: told.at(-1)?.ends[1] ?? 0 } };
}

async function* each(lines: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const some of lines) yield* some;
}

async function endsIn(lines: AsyncIterable<readonly string[]>): Promise<EndsEntry[]> {
  const told: EndsEntry[] = [];
  let at = 0;
  for await (const line of each(lines)) {
    // The header is read by `recover`.
    if (at++ === 0) continue;
    const entry = entryOf(line);
    if (entry === undefined) break;
    if ('is' in entry) told.push(entry);
  }
  return told;
}

function endsOf({ ends: [output, errors] }: EndsEntry): Ends {
  return { output, errors };
}

/** For each stretch between cuts, how long the files may have been with its lines. */
function limitsOf(told: readonly EndsEntry[], sizes: Ends): Ends[] {
  const limits = [sizes];
  const cuts = told.filter(({ is }) => is === 'cut');
  for (const cut of cuts.toReversed()) limits.unshift(lesser(endsOf(cut), limits[0] as Ends));
  return limits;
}

function lesser(a: Ends, b: Ends): Ends {
  return { output: Math.min(a.output, b.output), errors: Math.min(a.errors, b.errors) };
}

class Reader {
  readonly fingerprint: Fingerprint;
  /** Limits of the stretch that is being read, and of those that follow it. */
  readonly #limits: Ends[];
  readonly #done = new Ranges();
  #failed = 0;
  #ends: Ends = { output: 0, errors: 0 };
  #input: InputPrefix = { records: 0, hash: '' };
  #journal: number;
  #synced: Ends = { output: 0, errors: 0 };
  #unsynced: DoneItem[] = [];
  /** An item did not fit: its lines never came, nor did any before the next cut. */
  #full = false;
  #isEnded = false;

  constructor(fingerprint: Fingerprint, limits: Ends[], header: string) {
    this.fingerprint = fingerprint;
    this.#limits = limits;
    this.#journal = Buffer.byteLength(header) + 1;
  }

  get state(): Omit<RunState, 'errorsSeen'> {
    const unsynced = { from: this.#synced, items: this.#unsynced };
    const found = { done: this.#done, failed: this.#failed, ends: this.#ends, input: this.#input, unsynced };
    return { ...found, journal: this.#journal, isEnded: this.#isEnded };
  }

  /** False when nothing that follows counts. */
  read(line: string): boolean {
    const entry = entryOf(line);
    this.#isEnded = false;
    if (entry === undefined) return false;
    if ('at' in entry) this.#readItems(entry);
    else if (entry.is === 'cut' && !this.#readCut(entry)) return false;
    else if (entry.is === 'synced' && !this.#full) this.#readSynced(entry);
    else if (entry.is === 'ended') this.#isEnded = !this.#full;
    this.#journal += Buffer.byteLength(line) + 1;
    return true;
  }

  #readItems(entry: ItemsEntry): void {
    const [records, hash] = entry.input;
    for (const item of itemsOf(entry)) {
      this.#full ||= !this.#fits(item);
      if (this.#full) return;
      this.#done.add(item.index);
      this.#failed += item.failed ? 1 : 0;
      this.#ends = added(this.#ends, item);
      this.#unsynced.push(item);
      this.#input = { records, hash };
    }
  }

  #fits(item: DoneItem): boolean {
    const { output, errors } = added(this.#ends, item);
    const limit = this.#limits[0] as Ends;
    return output <= limit.output && errors <= limit.errors;
  }

  #readSynced(entry: EndsEntry): void {
    this.#synced = endsOf(entry);
    this.#unsynced = [];
  }

  /** The run was resumed here; false if more is missing now than was then. */
  #readCut(entry: EndsEntry): boolean {
    const { output, errors } = endsOf(entry);
    if (output !== this.#ends.output || errors !== this.#ends.errors) return false;
    this.#limits.shift();
    this.#full = false;
    return true;
  }
}

function added(ends: Ends, { output, errors }: Ends): Ends {
  return { output: ends.output + output, errors: ends.errors + errors };
}
