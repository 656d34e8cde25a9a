import { afterPoll } from '../../timers.js';
import type { OutcomeRun, TaskNumber } from '../../wire/messages.js';
import type { PoolWorker } from '../pool-worker.js';

/** Between two looks; ms. Outcomes are fetched when both find a worker at the same task. */
const WATCH_MS = 8;

/** Fetches outcomes kept by workers that are at a long task: no caller of a short task before it should wait for that. */
export class KeptWatch {
  readonly #workers: () => readonly PoolWorker[];
  readonly #settle: (worker: PoolWorker, run: OutcomeRun) => void;
  /** Which task each was at when last looked at, and whether it was at it before. */
  #seen = new Map<PoolWorker, { readonly task: TaskNumber; readonly isOld: boolean }>();
  #watching = false;

  constructor(workers: () => readonly PoolWorker[], settle: (worker: PoolWorker, run: OutcomeRun) => void) {
    this.#workers = workers;
    this.#settle = settle;
  }

  /** A worker has been given several tasks. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    // What it has sent comes first: reports of those tasks, and answers to others.
    afterPoll(WATCH_MS, () => this.#look());
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = new Map();
    this.#watching = false;
    for (const worker of this.#workers()) {
      // With one task left, none before it is unanswered.
      if (worker.load < 2) continue;
      const task = worker.begun();
      const last = before.get(worker);
      const isOld = last?.task === task;
      this.#seen.set(worker, { task, isOld });
      if (isOld && !last.isOld) this.#fetch(worker, task);
    }
    if (this.#seen.size > 0) this.watch();
  }

  #fetch(worker: PoolWorker, task: TaskNumber): void {
    const kept = worker.kept(task);
    if (kept !== undefined) this.#settle(worker, kept);
  }
}
