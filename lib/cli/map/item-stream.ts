import { batchesOf, type RecordBatch } from '../input/batches.js';
import type { InputFile } from '../input/input-files.js';
import { itemOf, type Format, type InputRecord } from '../input/records.js';
import type { Admission } from './admission.js';
import type { InputPrefix } from './journal.js';
import { PrefixHash } from './prefix-hash.js';
import type { Ranges } from './ranges.js';
import { RefusedResume } from './refused-resume.js';
import { isIn, type Shard } from './shard.js';

/** An item, and its place in the whole input, counted from 0. */
export interface Item {
  readonly index: number;
  readonly item: unknown;
  readonly record: InputRecord;
  /** Name of its file. */
  readonly name: string;
}

/** Where an item stands, for messages. */
export function placeOf({ name, record }: Item): string {
  return `${name}:${record.line}`;
}

export interface ItemStreamOptions {
  readonly files: readonly InputFile[];
  readonly format: Format;
  readonly shard: Shard;
  readonly isJournalled: boolean;
  /** What an earlier run has done, and the part of the input that reaches to the last of it. */
  readonly done: Ranges;
  readonly before: InputPrefix;
  readonly admission: Admission;
}

const END: IteratorResult<unknown, undefined> = { done: true, value: undefined };
const NO_RECORDS: RecordBatch = { records: [], name: '', end: 0 };

/**
 * The items that are still to be done, read no further than the admission lets them in. Items that an earlier run left undone
 * before its last done one come first, once that part of the input has proved unchanged.
 */
export class ItemStream implements AsyncIterableIterator<unknown> {
  readonly #options: ItemStreamOptions;
  readonly #batches: AsyncGenerator<RecordBatch, void>;
  /** Undefined if no later run will ask: the texts would wait there for ever. */
  readonly #hash: PrefixHash | undefined;
  /** How many records were read. */
  #records = 0;
  readonly #isDone: (index: number) => boolean;
  /** Items that an earlier run has left out: `unchecked` until its part of the input proves unchanged, `held` after that. */
  #unchecked: Item[] = [];
  #held: Item[] = [];
  #batch = NO_RECORDS;
  #start = 0;
  #at = 0;
  /** Items given to the pool that have no outcome, by the order in which they were given. */
  readonly #given = new Map<number, Item>();
  #count = 0;
  #abandon: () => void = () => {};
  #state: 'reading' | 'ended' | 'stopped' = 'reading';

  constructor(options: ItemStreamOptions) {
    this.#options = options;
    this.#batches = batchesOf(options.files, options.format);
    this.#isDone = inRisingOrder(options.done);
    this.#hash = options.isJournalled ? new PrefixHash(options.before.records) : undefined;
  }

  /** The hash of the first `records` records, which must have been read; never of fewer than before. */
  prefix(records: number): InputPrefix {
    return this.#hash?.upTo(records) ?? { records, hash: '' };
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** The share of the input that was read; undefined if its size is not known. */
  get share(): number | undefined {
    const size = this.#options.files.reduce((sum, file) => sum + (file.size ?? NaN), 0);
    if (Number.isNaN(size)) return undefined;
    const { records, end } = this.#batch;
    const read = this.#start + ((end - this.#start) * this.#at) / Math.max(1, records.length);
    return Math.min(1, read / Math.max(1, size));
  }

  /** Takes out the nth item that was given, counted from 0, since its outcome has come. */
  takeBack(nth: number): Item {
    const item = this.#given.get(nth) as Item;
    this.#given.delete(nth);
    return item;
  }

  /** The nth item that was given, while it has no outcome. */
  given(nth: number): Item | undefined {
    return this.#given.get(nth);
  }

  /** Read anew: a task that runs in this process may have changed what it was given. */
  jsonOf({ record, name }: Item): string {
    return JSON.stringify(itemOf(this.#options.format, record, name));
  }

  /** Gives no more items. Those already given go on. */
  stop(): void {
    if (this.#state === 'reading') this.#state = 'stopped';
    this.#abandon();
    this.#options.admission.release();
  }

  /** Not `async` if an item is at hand: of a million items, each promise counts. */
  next(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#options.admission.open || this.#state !== 'reading') return this.#nextInTime();
    try {
      const item = this.#held.shift() ?? this.#nextOfBatch();
      return item === undefined ? this.#nextInTime() : Promise.resolve({ done: false, value: this.#give(item) });
    } catch (error) {
      // Errors in the input are `Error`s of ours.
      return Promise.reject(error as Error);
    }
  }

  async #nextInTime(): Promise<IteratorResult<unknown, undefined>> {
    const { admission } = this.#options;
    if (!admission.open) await admission.opening();
    while (this.#state === 'reading') {
      const item = this.#held.shift() ?? this.#nextOfBatch();
      if (item !== undefined) return { done: false, value: this.#give(item) };
      if (!(await this.#fill())) break;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.stop();
    // Not awaited: a pipe that is silent for now would not let go.
    void this.#batches.return().catch(() => {});
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #give(item: Item): unknown {
    this.#given.set(this.#count++, item);
    this.#options.admission.take();
    return item.item;
  }

  /** False at the end of the input, and when the stream is stopped while a pipe has nothing to say. */
  async #fill(): Promise<boolean> {
    const next = await new Promise<IteratorResult<RecordBatch, void> | undefined>((resolve, reject) => {
      this.#abandon = () => resolve(undefined);
      this.#batches.next().then(resolve, reject);
    });
    if (next === undefined) return false;
    if (next.done === true) {
      this.#end();
      return false;
    }
    this.#start = this.#batch.end;
    this.#batch = next.value;
    this.#at = 0;
    return true;
  }

  #nextOfBatch(): Item | undefined {
    const { before } = this.#options;
    while (this.#at < this.#batch.records.length) {
      const item = this.#readRecord();
      const seen = this.#records;
      if (seen > before.records) {
        if (item !== undefined) return item;
        continue;
      }
      if (item !== undefined) this.#unchecked.push(item);
      if (seen < before.records) continue;
      this.#checkPrefix(before);
      if (this.#held.length > 0) return this.#held.shift();
    }
    return undefined;
  }

  /** Undefined for a record of another shard, or one that is done. */
  #readRecord(): Item | undefined {
    const { shard, format } = this.#options;
    const { records, name } = this.#batch;
    const record = records[this.#at] as InputRecord;
    const index = this.#records;
    const isWanted = isIn(shard, index) && !this.#isDone(index);
    const item = isWanted ? { index, item: itemOf(format, record, name), record, name } : undefined;
    this.#at++;
    this.#records++;
    this.#hash?.add(record.text);
    return item;
  }

  #checkPrefix(before: InputPrefix): void {
    if (this.prefix(before.records).hash !== before.hash) {
      throw new RefusedResume(`the first ${before.records} items of the input are not what they were`);
    }
    this.#held = this.#unchecked;
    this.#unchecked = [];
  }

  #end(): void {
    const { records } = this.#options.before;
    if (this.#records < records) {
      throw new RefusedResume(`the input has ${this.#records} items now, and it had done some of ${records}`);
    }
    this.#state = 'ended';
  }
}

/** Returns a function that says of indices, which must only rise, whether they are in the set. */
function inRisingOrder(set: Ranges): (index: number) => boolean {
  const runs = set.runs;
  let at = 0;
  return (index) => {
    while (at < runs.length && (runs[at]?.[1] ?? 0) <= index) at++;
    return at < runs.length && (runs[at]?.[0] ?? 0) <= index;
  };
}
