import { SerializationError } from '../lib/errors.js';
import type { OutcomeRun, Report, WorkerSetup } from '../lib/wire/messages.js';
import { NO_COPY, ownCopy } from '../lib/wire/own-copy.js';
import { serializationError } from '../lib/wire/serialization.js';
import type { ThrownRecord } from '../lib/wire/thrown.js';
import { whyNotCloneable } from '../lib/wire/why-not-cloneable.js';
import { setImmediate } from './immediate.js';

/** Sends answers, and knows how large the worker is. */
export interface Sender {
  /** An error, as it travels from here. */
  readonly recordOf: (thrown: unknown) => ThrownRecord;
  /** Returns the bytes sent. Throws when the report cannot be encoded; then nothing of it was sent. */
  send(report: Report): number;
  /** Whether anybody hears what is sent. */
  connected(): boolean;
  /** Bytes. */
  memory(): number;
}

/** Outcomes on their way to the master. Whatever a value is, an answer goes out for it. */
export class Answers {
  readonly #sender: Sender;
  readonly #setup: Pick<WorkerSetup, 'kind' | 'memoryLimit'>;
  readonly #onTooLarge: () => void;
  #waiting: OutcomeRun[] = [];
  #flushing = false;
  /** `onTooLarge` has been called: once is enough. */
  #tooLarge = false;

  constructor(sender: Sender, setup: Pick<WorkerSetup, 'kind' | 'memoryLimit'>, onTooLarge: () => void) {
    this.#sender = sender;
    this.#setup = setup;
    this.#onTooLarge = onTooLarge;
  }

  add(run: OutcomeRun): void {
    this.#waiting.push(run);
  }

  /** Sends what is there; returns the bytes sent. */
  flush(): number {
    this.#flushing = false;
    if (this.#waiting.length === 0) return 0;
    const runs = this.#waiting;
    this.#waiting = [];
    return this.#send(runs, this.#weighed());
  }

  /** Adds a run to be sent at the end of this turn of the loop, with others; at once if a task could change it until then. */
  addLater(run: OutcomeRun): number {
    const own = this.#setup.kind === 'async' ? run : withOwnValues(run);
    this.#waiting.push(own ?? run);
    if (own === undefined) return this.flush();
    if (!this.#flushing) setImmediate(() => this.flush());
    this.#flushing = true;
    return 0;
  }

  /** The memory of the worker, if that is limited. */
  #weighed(): { readonly memory?: number } {
    const { memoryLimit } = this.#setup;
    if (memoryLimit === undefined) return {};
    const memory = this.#sender.memory();
    if (memory > memoryLimit && !this.#tooLarge) this.#onTooLarge();
    this.#tooLarge ||= memory > memoryLimit;
    return { memory };
  }

  #send(runs: readonly OutcomeRun[], memory: { readonly memory?: number }): number {
    try {
      return this.#sender.send({ type: 'settled', runs, ...memory });
    } catch (error) {
      const sendables = runs.map((run) => sendable(run, error, this.#sender.recordOf));
      return this.#sendWhatCanBe(sendables, memory);
    }
  }

  /** A getter may throw now though it did not when it was tried: an answer must go out. */
  #sendWhatCanBe(runs: readonly OutcomeRun[], memory: { readonly memory?: number }): number {
    try {
      return this.#sender.send({ type: 'settled', runs, ...memory });
    } catch (error) {
      const refusals = runs.map((run) => refused(run, error, this.#sender.recordOf));
      return this.#sender.send({ type: 'settled', runs: refusals, ...memory });
    }
  }
}

/** The same outcomes, as copies that no task can change; undefined if some cannot be copied. */
function withOwnValues(run: OutcomeRun): OutcomeRun | undefined {
  const values = Array.from(run.values, (value) => ownCopy(value));
  return values.includes(NO_COPY) ? undefined : { ...run, values };
}

/** The same outcomes, with an error in place of each value that cannot be encoded. */
function sendable(run: OutcomeRun, cause: unknown, recordOf: Sender['recordOf']): OutcomeRun {
  const errors = new Map(run.errors);
  const values = Array.from(run.values, (value: unknown, position) => {
    const error = errors.has(position) ? undefined : uncloneable(value, cause);
    if (error === undefined) return value;
    errors.set(position, recordOf(error));
    return undefined;
  });
  return { ...run, values, errors: inOrder(errors) };
}

/** The same outcomes, with an error in place of each value. */
function refused(run: OutcomeRun, cause: unknown, recordOf: Sender['recordOf']): OutcomeRun {
  const errors = new Map(run.errors);
  for (const [position, value] of run.values.entries()) {
    if (!errors.has(position)) errors.set(position, recordOf(serializationError('result', value, cause)));
  }
  return { ...run, values: Array.from(run.values, () => undefined), errors: inOrder(errors) };
}

function inOrder(errors: ReadonlyMap<number, ThrownRecord>): [number, ThrownRecord][] {
  return [...errors].toSorted(([a], [b]) => a - b);
}

function uncloneable(value: unknown, cause: unknown): Error | undefined {
  const found = whyNotCloneable(value, 'result');
  return found && new SerializationError('result', found.path, found.reason, { cause });
}
