import { oneLine } from '../../errors.js';
import type { IMapIterator, IndexedSettledResult, Pool } from '../../index.js';
import type { AnyTask } from '../task-function.js';
import type { Admission } from './admission.js';
import { endedWithRun, mayHaveEndedWithRun } from './ended-with-run.js';
import { InOrder } from './in-order.js';
import { placeOf, type Item, type ItemStream } from './item-stream.js';
import { JobEvents, type Settle } from './job-events.js';
import { errorJson, jsonOf, wholeErrorJson } from './json-line.js';
import type { OnError } from './options.js';
import type { TaskTimes } from './task-times.js';
import type { Writer } from './writer.js';

export interface RunOptions {
  readonly pool: Pool;
  readonly fn: AnyTask;
  readonly stream: ItemStream;
  readonly admission: Admission;
  readonly times: TaskTimes;
  readonly writer: Writer;
  readonly order: 'of the input' | 'as they finish';
  readonly onError: OnError;
  readonly chunksize: number | undefined;
}

type Settled = IndexedSettledResult<unknown>;

/** The outcome of an item, ready to be written when its turn has come. */
interface Settlement {
  readonly index: number;
  readonly is: 'done' | 'failed' | 'not done';
  readonly output: string;
  readonly errors: string;
  /** Characters that it keeps in memory, roughly. */
  readonly size: number;
}

/** Size of a waiting item besides its lines and its text: measured with tiny ones. */
const OVERHEAD = 480;

/** At least this many items may be with the pool: with fewer, tiny tasks travel in chunks that are too small. */
const BUFFER = 4096;

/**
 * One run over what is to be done. Results come from the pool as they finish, become lines, and are put into order here as lines,
 * since it is known how much memory these take.
 */
export class Run {
  readonly #options: RunOptions;
  readonly #events: JobEvents;
  readonly #order = new InOrder<Settlement>();
  #done = 0;
  #failed = 0;
  /** Of the failures so far, the one that is first in the input: outcomes come as they finish. */
  #firstFailure: { readonly index: number; readonly text: string } | undefined;
  #notDone = 0;
  /** Lines of failures that will not count when the run is resumed: the items will have another chance. */
  #unsettled: string[] = [];
  #state: 'running' | 'stopped by a failure' | 'ended with its workers' = 'running';

  constructor(options: RunOptions) {
    this.#options = options;
    this.#events = new JobEvents((message) => this.#published(message));
  }

  /** Items that have an outcome, those that failed included. */
  get done(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Items whose workers were ended together with the run. */
  get notDone(): number {
    return this.#notDone;
  }

  get state() {
    return this.#state;
  }

  /** Where the first item to fail stands, and what it failed with. */
  get firstFailure(): string | undefined {
    return this.#firstFailure?.text;
  }

  /** Lines for the file of errors that come after all others, and that no journal knows. */
  get unsettled(): string {
    return this.#unsettled.join('');
  }

  /**
   * `signal`: aborted when the run is to end.
   *
   * @throws what the input throws, and what breaks the pool; all that finished before it is with the writer then
   */
  async run(signal: AbortSignal): Promise<void> {
    const { stream, writer, admission } = this.#options;
    const undecided: Promise<void>[] = [];
    try {
      for await (const result of this.#results()) {
        admission.answered();
        const item = stream.takeBack(result.index);
        if (result.status === 'rejected' && mayHaveEndedWithRun(result.reason)) {
          // Meanwhile others go on, which may die in the same way.
          undecided.push(this.#settleInTime(item, result, signal));
        } else {
          this.#settle(result.index, this.#settlementOf(item, result));
        }
        if (writer.isFull) await writer.written();
      }
    } finally {
      this.#events.stop();
      await Promise.all(undecided);
    }
  }

  async #settleInTime(item: Item, result: Settled, signal: AbortSignal): Promise<void> {
    const isEnded = await endedWithRun(signal);
    this.#settle(result.index, isEnded ? this.#leave(item) : this.#settlementOf(item, result));
  }

  #results(): IMapIterator<Settled> {
    const { pool, fn, stream, chunksize, admission } = this.#options;
    const task = fn as (item: unknown) => unknown;
    const options = { settled: true, chunksize, buffersize: Math.max(BUFFER, admission.slots) } as const;
    return this.#events.watch(() => pool.imapUnordered(task, stream, options));
  }

  /** Stops at once: an item that has failed may wait long to be read. */
  #published(message: Settle): void {
    const { onError, stream, times } = this.#options;
    times.settled(message);
    if (onError === 'stop' && 'error' in message) stream.stop();
  }

  #settlementOf(item: Item, result: Settled): Settlement {
    if (result.status === 'rejected') return this.#failureOf(item, result.reason);
    try {
      const output = this.#lineOf(item, jsonOf(result.value));
      return { index: item.index, is: 'done', output, errors: '', size: sizeOf(item, output) };
    } catch (error) {
      return this.#failureOf(item, error);
    }
  }

  /** The item will have another chance when the run is resumed. */
  #leave(item: Item): Settlement {
    this.#notDone++;
    return { index: item.index, is: 'not done', output: '', errors: '', size: sizeOf(item, '') };
  }

  #failureOf(item: Item, error: unknown): Settlement {
    const { onError, stream } = this.#options;
    this.#failed++;
    if (item.index < (this.#firstFailure?.index ?? Infinity)) {
      this.#firstFailure = { index: item.index, text: `${placeOf(item)}: ${oneLine(error)}` };
    }
    if (onError === 'stop') stream.stop();
    const output = onError === 'collect' ? `{"index":${item.index},"error":${errorJson(error)}}\n` : '';
    const errors = `{"index":${item.index},"item":${stream.jsonOf(item)},"error":${wholeErrorJson(error)}}\n`;
    return { index: item.index, is: 'failed', output, errors, size: sizeOf(item, output + errors) };
  }

  #settle(nth: number, settlement: Settlement): void {
    const { order, admission } = this.#options;
    if (settlement.is !== 'not done') this.#done++;
    if (order === 'as they finish') return this.#write(settlement);
    for (const next of this.#order.add(nth, settlement)) this.#write(next);
    admission.waiting(this.#order.size);
  }

  /** In the order of the input, nothing is written after a line that is missing. */
  #write({ index, is, output, errors }: Settlement): void {
    const { order, onError, writer } = this.#options;
    if (is === 'not done') {
      this.#state = 'ended with its workers';
    } else if (is === 'failed' && onError === 'stop') {
      this.#state = 'stopped by a failure';
      this.#unsettled.push(errors);
    } else if (this.#state === 'running' || order === 'as they finish') {
      writer.add({ index, failed: is === 'failed', output, errors });
    }
  }

  #lineOf({ index }: Item, json: string): string {
    return this.#options.order === 'of the input' ? `${json}\n` : `{"index":${index},"value":${json}}\n`;
  }
}

/** Includes the text of the item, which waits to be hashed for the journal. */
function sizeOf({ record }: Item, lines: string): number {
  return lines.length + record.text.length + OVERHEAD;
}
