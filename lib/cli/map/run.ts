import type { IMapIterator, IndexedSettledResult, Pool } from '../../index.js';
import type { AnyTask } from '../task-function.js';
import type { Admission } from './admission.js';
import { placeOf, type Item, type ItemStream } from './item-stream.js';
import { JobEvents, type Settle } from './job-events.js';
import { errorJson, itemJson, jsonOf, wholeErrorJson } from './json-line.js';
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

type Settled = PromiseSettledResult<unknown> | IndexedSettledResult<unknown>;

/** Results that may wait for one before them: with fewer, tiny tasks travel in chunks that are too small. */
const LEAST_BUFFER = 4096;
const BUFFER_A_SLOT = 16;

/** One run over what is to be done: results become lines, in the order in which they come. */
export class Run {
  readonly #options: RunOptions;
  readonly #events: JobEvents;
  #done = 0;
  #failed = 0;
  #firstFailure: string | undefined;
  /** Lines of failures that count for nothing when the run goes on: the items will have another chance. */
  #unsettled: string[] = [];
  #state: 'running' | 'stopped by a failure' = 'running';

  constructor(options: RunOptions) {
    this.#options = options;
    this.#events = new JobEvents({
      dispatched: (message) => options.times.dispatched(message),
      settled: (message) => this.#settled(message),
    });
  }

  /** Items that have an outcome, those that failed included. */
  get done(): number {
    return this.#done;
  }

  get failed(): number {
    return this.#failed;
  }

  get state() {
    return this.#state;
  }

  /** Where the first item to fail stands, and what it failed with. */
  get firstFailure(): string | undefined {
    return this.#firstFailure;
  }

  /** Lines for the file of errors that come after all others, and that no journal knows. */
  get unsettled(): string {
    return this.#unsettled.join('');
  }

  /** @throws what the input throws, and what breaks the pool; all that finished before it is with the writer then */
  async run(): Promise<void> {
    const { stream, writer } = this.#options;
    let count = 0;
    try {
      for await (const result of this.#results()) {
        const item = stream.takeBack('index' in result ? result.index : count);
        count++;
        this.#settle(item, result);
        if (writer.isFull) await writer.written();
      }
    } finally {
      this.#events.stop();
    }
  }

  #results(): IMapIterator<Settled> {
    const { pool, fn, stream, order, chunksize } = this.#options;
    const task = fn as (item: unknown) => unknown;
    const options = {
      settled: true,
      chunksize,
      buffersize: Math.max(LEAST_BUFFER, BUFFER_A_SLOT * pool.processes),
    } as const;
    // The elements of the one are those of the other with an index.
    const submit = () =>
      order === 'of the input' ? pool.imap(task, stream, options) : pool.imapUnordered(task, stream, options);
    return this.#events.watch(submit) as IMapIterator<Settled>;
  }

  /** Of an item that has failed, the turn to be written may be far away. */
  #settled(message: Settle): void {
    const { admission, onError, stream, times } = this.#options;
    times.settled(message);
    admission.answered(message.count);
    if (onError === 'stop' && 'error' in message) stream.stop();
  }

  #settle(item: Item, result: Settled): void {
    this.#done++;
    if (result.status === 'rejected') return this.#fail(item, result.reason);
    let line: string;
    try {
      line = this.#lineOf(item, 'value', jsonOf(result.value));
    } catch (error) {
      return this.#fail(item, error);
    }
    this.#add(item, { failed: false, output: line, errors: '' });
  }

  #fail(item: Item, error: unknown): void {
    const { onError, stream } = this.#options;
    this.#failed++;
    this.#firstFailure ??= `${placeOf(item)}: ${oneLine(error)}`;
    const errors = `{"index":${item.index},"item":${itemJson(item.item)},"error":${wholeErrorJson(error)}}\n`;
    if (onError === 'stop') {
      this.#state = 'stopped by a failure';
      this.#unsettled.push(errors);
      return stream.stop();
    }
    const output = onError === 'collect' ? `{"index":${item.index},"error":${errorJson(error)}}\n` : '';
    this.#add(item, { failed: true, output, errors });
  }

  /** In the order of the input there is nothing behind a line that is missing. */
  #add({ index }: Item, lines: { failed: boolean; output: string; errors: string }): void {
    const { order, writer } = this.#options;
    if (this.#state === 'stopped by a failure' && order === 'of the input') return;
    writer.add({ index, ...lines });
  }

  #lineOf({ index }: Item, key: 'value', json: string): string {
    return this.#options.order === 'of the input' ? `${json}\n` : `{"index":${index},"${key}":${json}}\n`;
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n', 1)[0] ?? '';
}
