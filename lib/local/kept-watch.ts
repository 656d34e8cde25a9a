import { after } from '../timers.js';
import type { OutcomeRun, TaskNumber } from '../wire/messages.js';
import type { PoolWorker } from './pool-worker.js';

/** Outcomes that a worker keeps wait no longer than two of these for its next task; ms. */
const LOOK_MS = 8;

/**
 * Fetches what workers keep, to send it with what comes next, when what comes next takes long: nobody is to wait for the outcome of one
 * task until another has ended.
 */
export class KeptWatch {
  readonly #workers: () => readonly PoolWorker[];
  readonly #settle: (worker: PoolWorker, run: OutcomeRun) => void;
  /** The last look at each that was at something: at what, and whether the one before had found it there as well. */
  #seen = new Map<PoolWorker, { readonly task: TaskNumber; readonly again: boolean }>();
  #looking = false;

  constructor(workers: () => readonly PoolWorker[], settle: (worker: PoolWorker, run: OutcomeRun) => void) {
    this.#workers = workers;
    this.#settle = settle;
  }

  /** A worker has been given several tasks. */
  expect(): void {
    if (this.#looking) return;
    this.#looking = true;
    after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = new Map();
    for (const worker of this.#workers()) {
      if (worker.load === 0) continue;
      const task = worker.begun();
      const again = before.get(worker)?.task === task;
      this.#seen.set(worker, { task, again });
      if (again && before.get(worker)?.again === false) this.#fetch(worker);
    }
    this.#looking = false;
    if (this.#seen.size > 0) this.expect();
  }

  #fetch(worker: PoolWorker): void {
    const { kept } = worker;
    if (kept !== undefined) this.#settle(worker, kept);
  }
}
