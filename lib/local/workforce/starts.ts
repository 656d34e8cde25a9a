import { setImmediate } from 'node:timers';
import type { Roster } from './roster.js';

/** Of the first workers, this many start at once, however few cores there are; a fork blocks this thread for a ms. */
const FIRST_AT_ONCE = 8;
/** This many of them start before the constructor returns: it should not be held up for longer. */
const FORKED_AT_ONCE = 2;

export interface StartsOptions {
  readonly processes: number;
  /** CPUs that this program may use: starts are limited to those that no worker uses. */
  readonly cores: number;
}

/** Starts of workers that are planned and not made yet: forking many at once would block this thread, and all cores. */
export class Starts {
  readonly #options: StartsOptions;
  readonly #roster: Roster;
  readonly #start: (id: number) => void;
  #planned = 0;
  #ids = 0;
  #soon = false;

  /** `start` starts a worker with a number of its own, counted from 1. */
  constructor(options: StartsOptions, roster: Roster, start: (id: number) => void) {
    this.#options = options;
    this.#roster = roster;
    this.#start = start;
  }

  get planned(): number {
    return this.#planned;
  }

  plan(): void {
    this.#planned++;
    this.makeSoon();
  }

  /** Drops planned starts: nobody needs them. */
  forget(): void {
    this.#planned = 0;
  }

  /** A fork takes 1 to 2 ms here, and 25 in the child: while the first workers load, the first call can be prepared. */
  makeFirst(): void {
    while (this.#planned > 0 && this.#ids < FORKED_AT_ONCE) this.#make();
  }

  /** Starts in a later turn, no more at once than cores are free: others follow when one is loaded, or has failed. */
  makeSoon(): void {
    if (this.#soon || this.#planned === 0) return;
    this.#soon = true;
    // Not unref'd: it would wait until something else woke the program, which it holds for one turn only.
    setImmediate(() => {
      this.#soon = false;
      while (this.#planned > 0 && this.#roster.count('spawning') < this.#mostSpawning) this.#make();
    });
  }

  /** The first workers start together, so that as many tasks begin at once; replacements start only if a core is free. */
  get #mostSpawning(): number {
    const { processes, cores } = this.#options;
    if (this.#ids < processes) return Math.max(cores, FIRST_AT_ONCE);
    return Math.max(1, cores - this.#roster.working);
  }

  #make(): void {
    this.#planned--;
    this.#start(++this.#ids);
  }
}
