import { afterPoll } from '../timers.js';
import type { OutcomeRun, TaskNumber } from '../wire/messages.js';
import type { PoolWorker } from './pool-worker.js';

/** Between two looks. What a worker keeps is fetched when both find it at the same task; ms. */
const WATCH_MS = 8;

/** Fetches what workers keep while they are at a long task: nobody is to wait for that who only waits for a short one before it. */
export class KeptWatch {
  readonly #workers: () => readonly PoolWorker[];
  readonly #settle: (worker: PoolWorker, run: OutcomeRun) => void;
  /** What each was at when it was last looked at, and whether it had been at that before. */
  #seen = new Map<PoolWorker, { readonly task: TaskNumber; readonly isOld: boolean }>();
  #watching = false;

  constructor(workers: () => readonly PoolWorker[], settle: (worker: PoolWorker, run: OutcomeRun) => void) {
    this.#workers = workers;
    this.#settle = settle;
  }

  /** A worker has been given several tasks. */
  expect(): void {
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
    if (this.#seen.size > 0) this.expect();
  }

  #fetch(worker: PoolWorker, task: TaskNumber): void {
    const kept = worker.kept(task);
    if (kept !== undefined) this.#settle(worker, kept);
  }
}
