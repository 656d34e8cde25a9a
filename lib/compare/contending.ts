import { errorText } from '../errors.js';
import { PoolError } from '../index.js';
import type { Contender, Failures, Measurement, PoolKind } from './comparison.js';
import { nameOf } from './contender.js';
import type { Setup } from './one-pool.js';
import type { Plan } from './plan.js';
import { median, medianTimes } from './statistics.js';
import { turnOf, type Turn, type Work } from './turn.js';

/** How fast one at a time was in the same round, in tasks a second. */
export interface Rates {
  readonly measured: number;
  /** Less the time when others had the CPU. */
  readonly undisturbed: number;
}

/** One contender, and the turns it has had. */
export class Contending {
  readonly name: string;
  readonly pool: PoolKind;
  readonly turns: Turn[] = [];
  readonly #contender: Contender;
  readonly #cores: number;
  readonly #speedups: number[] = [];
  readonly #undisturbed: number[] = [];
  #broken: string | undefined;
  /** Whether it was not done in time: what it waited for may never come. */
  wasLate = false;

  constructor(contender: Contender, cores: number) {
    this.#contender = contender;
    this.#cores = cores;
    this.name = nameOf(contender);
    this.pool = contender.pool;
  }

  /** Whether tasks have ended any of its workers. */
  get endsWorkers(): boolean {
    return this.turns.some(({ died }) => died > 0);
  }

  /** Whether it has had no turn at all. */
  get untried(): boolean {
    return this.turns.length === 0 && this.#broken === undefined;
  }

  /** Gives it no further turn. */
  refuse(because: string): void {
    this.#broken ??= because;
  }

  /** A contender that broke sits out the rest: it would only break again, perhaps slowly. */
  async turn(work: Work, steps: Plan, setup: Setup, alone: Rates): Promise<void> {
    if (this.#broken !== undefined) return;
    try {
      const turn = await turnOf(this.#contender, work, steps, setup);
      this.turns.push(turn);
      // There is no ratio to 0.
      if (alone.measured === 0) return;
      this.#speedups.push(rateOf(turn, turn.ms) / alone.measured);
      this.#undisturbed.push(rateOf(turn, this.#ownMs(turn)) / alone.undisturbed);
    } catch (error) {
      setup.signal?.throwIfAborted();
      this.#broken = errorText(error);
      this.wasLate = error instanceof PoolError && error.code === 'ERR_COMPARE';
    }
  }

  /** More workers than cores take the CPUs from one another. */
  #ownMs({ ms, stolenMs }: Turn): number {
    return this.#contender.processes > this.#cores ? ms : Math.max(ms - stolenMs, ms / 10);
  }

  measurement(failuresOf: (turns: readonly Turn[]) => Failures): Measurement {
    const middle = (figure: (turn: Turn) => number): number => median(this.turns.map(figure));
    return {
      ...this.#contender,
      name: this.name,
      throughput: middle((turn) => rateOf(turn, turn.ms)),
      speedup: median(this.#speedups),
      speedups: this.#speedups,
      undisturbed: median(this.#undisturbed),
      runTime: medianTimes(this.turns.map(({ runTime }) => runTime)),
      waitTime: medianTimes(this.turns.map(({ waitTime }) => waitTime)),
      startupMs: middle(({ startupMs }) => startupMs),
      memory: middle(({ memory }) => memory),
      utilization: middle(({ utilization }) => utilization),
      loopShare: middle(({ loopShare }) => loopShare),
      failures: failuresOf(this.turns),
      broken: this.#broken,
    };
  }
}

/** Tasks a second that succeeded. */
function rateOf({ tasks, failed }: Turn, ms: number): number {
  return ((tasks - failed) / ms) * 1000;
}
