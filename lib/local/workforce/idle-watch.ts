import { after } from '../../timers.js';
import { now } from '../../wire/clock.js';
import type { PoolWorker } from '../pool-worker.js';

/** Tells of workers that have had nothing to do for a while. */
export class IdleWatch {
  /** ms; Infinity for never. */
  readonly #idleTimeout: number;
  readonly #onIdle: (worker: PoolWorker) => void;
  /** Workers with a timer. */
  readonly #watched = new WeakMap<PoolWorker, Watched>();

  constructor(idleTimeout: number, onIdle: (worker: PoolWorker) => void) {
    this.#idleTimeout = idleTimeout;
    this.#onIdle = onIdle;
  }

  /** The worker may have nothing to do from now on. */
  note(worker: PoolWorker): void {
    if (this.#idleTimeout === Infinity || worker.state.is !== 'ready') return;
    const watched = this.#watched.get(worker);
    if (watched === undefined) this.#watch(worker, now(), this.#idleTimeout);
    else watched.since = now();
  }

  /** It has gone: its timer would keep it in memory, and all that belongs to it, until due. */
  forget(worker: PoolWorker): void {
    this.#watched.get(worker)?.cancel();
    this.#watched.delete(worker);
  }

  /** One timer per worker: one for each time that it becomes idle would be one per task. */
  #watch(worker: PoolWorker, since: number, ms: number): void {
    const watched: Watched = { since, cancel: after(ms, () => this.#look(worker, watched.since)) };
    this.#watched.set(worker, watched);
  }

  #look(worker: PoolWorker, since: number): void {
    const rest = since + this.#idleTimeout - now();
    if (worker.state.is === 'ready' && rest > 0) return this.#watch(worker, since, rest);
    this.#watched.delete(worker);
    if (worker.state.is === 'ready') this.#onIdle(worker);
  }
}

interface Watched {
  /** When it last had nothing to do, by `now()`. */
  since: number;
  readonly cancel: () => void;
}
