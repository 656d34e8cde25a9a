import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Random } from './random.js';

const STATES = 'forkpool:worker:state';

/** States in which a killed worker is replaced at once: deaths at the start would break a pool, as they should. */
const KILLABLE = new Set(['ready', 'busy', 'retiring']);

/** Kills children of all pools at random. */
export class Killer {
  readonly #random: Random;
  readonly #everyMs: number;
  readonly #alive = new Set<number>();
  /** Every child that there ever was. */
  readonly seen = new Set<number>();
  kills = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(random: Random, everyMs: number) {
    this.#random = random;
    this.#everyMs = everyMs;
    subscribe(STATES, this.#heard);
  }

  start(): void {
    this.#timer = setTimeout(
      () => {
        this.#kill();
        this.start();
      },
      this.#random.between(1, 2 * this.#everyMs),
    );
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    this.pause();
    unsubscribe(STATES, this.#heard);
  }

  readonly #heard = (message: unknown): void => {
    const { pid, to } = message as { pid: number | undefined; to: string };
    // A thread has the pid of this program.
    if (pid === undefined || pid === process.pid) return;
    this.seen.add(pid);
    if (KILLABLE.has(to)) this.#alive.add(pid);
    else this.#alive.delete(pid);
  };

  #kill(): void {
    const pid = this.#random.of([...this.#alive]);
    if (pid === undefined) return;
    this.#alive.delete(pid);
    try {
      process.kill(pid, 'SIGKILL');
      this.kills++;
    } catch {
      // It has just ended by itself.
    }
  }
}
