import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Diagnostics, Pool } from '../../index.js';
import { ENDING_SIGNALS } from '../interruption.js';

/**
 * The workers that have tasks when the run is asked to end. A signal to the whole process group ends them too, and those that
 * take their places have yet to load the initializer and the module, which may never come to an end.
 */
export class WorkersAtWork {
  readonly #pool: Pool;
  readonly #gone: () => void;
  /** Workers initialised since then, and those of them that have had tasks. */
  readonly #late = new Set<number>();
  readonly #lateBusy = new Set<number>();

  /** `gone`: called when none is left, and a signal has ended the last. */
  constructor(pool: Pool, gone: () => void) {
    this.#pool = pool;
    this.#gone = gone;
    subscribe('forkpool:worker:state', this.#moved);
    subscribe('forkpool:worker:exit', this.#exited);
  }

  get areGone(): boolean {
    const { busy, retiring } = this.#pool.stats().workers;
    return busy + retiring <= this.#lateBusy.size;
  }

  stop(): void {
    unsubscribe('forkpool:worker:state', this.#moved);
    unsubscribe('forkpool:worker:exit', this.#exited);
  }

  readonly #moved = (message: unknown): void => {
    const { worker, from, to } = message as Diagnostics['forkpool:worker:state'];
    if (from === 'initialising') this.#late.add(worker);
    if (this.#late.has(worker) && (to === 'busy' || to === 'retiring')) this.#lateBusy.add(worker);
    else this.#lateBusy.delete(worker);
  };

  readonly #exited = (message: unknown): void => {
    const { end } = message as Diagnostics['forkpool:worker:exit'];
    if (ENDING_SIGNALS.some((signal) => signal === end.signal) && this.areGone) this.#gone();
  };
}
