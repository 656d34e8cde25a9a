import { errorText, expected } from '../errors.js';
import { PoolError, type TaskFunction } from '../index.js';
import { referenceOf } from '../references/reference.js';
import { describe, type Reference } from '../wire/reference.js';
import { baselineTurn, type BaselineTurn } from './baseline.js';
import { messageCostOf, oneAtATimeOf, ratesOf, sharesOf } from './baseline-figures.js';
import { explained } from './broken-alone.js';
import type { Comparison, Failure, Failures } from './comparison.js';
import { Contending } from './contending.js';
import { copiesOf } from './fresh-items.js';
import { machine } from './machine.js';
import type { LoopOptions, Patience } from './one-at-a-time.js';
import type { Setup } from './one-pool.js';
import { compareOptions, type CompareOptions, type ResolvedOptions } from './options.js';
import { plan, type Plan, type Probe } from './plan.js';
import { mixedOrder } from './supply.js';
import type { Turn, Work } from './turn.js';
import { verdictOf } from './verdict.js';

/**
 * Runs a function on items in every kind of pool and in several sizes, and one at a time; says what kind of work it is, and
 * which pool should run it. The function travels as in `Pool`; one with side effects has them many times.
 *
 * @example
 * import { compare, renderTable } from 'forkpool/bench';
 * import { resize } from './images.js';
 *
 * const comparison = await compare(resize, files);
 * console.log(renderTable(comparison));
 * console.log(comparison.verdict.text);
 *
 * @throws PoolError (ERR_COMPARE) when there are no items, or when every task that there is time for fails or one of the
 * first ends its process or is not done in time; TypeError and RangeError for wrong
 * options; what a pool throws that cannot start; `signal.reason`
 */
export async function compare<T, R, InitArgs extends unknown[]>(
  fn: TaskFunction<[T], R>,
  items: Iterable<T>,
  options?: CompareOptions<InitArgs>,
): Promise<Comparison> {
  const resolved = compareOptions(options);
  const given = firstOf(items, resolved.maxItems);
  if (given.length === 0) throw new PoolError('There are no items to run the function on', 'ERR_COMPARE');
  return new Comparing(fn as TaskFunction<[unknown], unknown>, given, resolved).run();
}

/** Reads no further: the rest may have no end. */
function firstOf<T>(items: Iterable<T>, most: number): T[] {
  const iterable: Partial<Iterable<T>> | null | undefined = items;
  if (typeof iterable?.[Symbol.iterator] !== 'function') throw new TypeError(expected('items', 'an iterable', items));
  const first: T[] = [];
  for (const item of items) {
    if (first.push(item) === most) break;
  }
  return first;
}

/** Bounds of the first look, before the plan is made: this long, and this share of the time. */
const PROBE_MS = 500;
const PROBE_SHARE = 0.05;
/** If the first items fail, this many are tried, in this share of the time, before all are said to fail. */
const PATIENCE_TASKS = 10;
const PATIENCE_SHARE = 0.5;
/** All results of a turn are in memory at once. */
const MOST_RESULT_BYTES = 128 * 2 ** 20;
const MOST_TASKS_OF_TURN = 500_000;
/** For results of unknown size, since they cannot be copied. */
const MOST_TASKS_OF_UNKNOWN_SIZE = 1000;
/** On a busy machine workers take seconds to start: a pool may take this long, however short the whole time is. */
const LEAST_LIMIT_MS = 10_000;

const CHANGES_ITEMS =
  'The function changes its items: one at a time and in an AsyncPool, each task was given a copy, as in the other pools.';

interface Rounds {
  readonly baseline: readonly BaselineTurn[];
  readonly contenders: readonly Contending[];
  /** Why there were no more rounds, if one at a time broke. */
  readonly stopped: string | undefined;
}

/** One comparison in progress. */
class Comparing {
  readonly #options: ResolvedOptions;
  readonly #reference: Reference;
  readonly #fn: TaskFunction<[unknown], unknown>;
  /** The index of each item among those given. */
  readonly #order: readonly number[];
  readonly #items: readonly unknown[];
  readonly #patience: Patience;
  readonly #machine = machine();
  readonly #began = performance.now();
  #used = 0;

  constructor(fn: TaskFunction<[unknown], unknown>, items: readonly unknown[], options: ResolvedOptions) {
    this.#options = options;
    this.#reference = referenceOf(fn);
    this.#fn = fn;
    this.#order = mixedOrder(items.length);
    this.#items = this.#order.map((index) => items[index]);
    this.#patience = { tasks: PATIENCE_TASKS, ms: options.time * PATIENCE_SHARE };
  }

  async run(): Promise<Comparison> {
    const { onProgress, rounds } = this.#options;
    onProgress?.({ done: 0, total: rounds, turn: 'a first look' });
    const probe = await this.#probe();
    const found = probeOf(probe);
    const left = this.#options.time - Math.max(PROBE_MS, probe.wallMs);
    const steps = plan({ ...this.#options, time: left }, found, this.#machine.cores);
    const work = { fn: this.#fn, items: this.#items, atMost: mostTasks(probe), changesItems: probe.changesItems };
    const turns = await this.#rounds(steps, work);
    return this.#conclude(steps, work, turns);
  }

  /** What the next pool is made with: it may take the time that is left. */
  get #setup(): Setup {
    return { ...this.#options, limitMs: Math.max(Math.round(this.#options.time - this.#passedMs), LEAST_LIMIT_MS) };
  }

  get #passedMs(): number {
    return performance.now() - this.#began;
  }

  async #probe(): Promise<BaselineTurn> {
    const ms = Math.min(PROBE_MS, this.#options.time * PROBE_SHARE);
    const loop = { warmMs: 0, ms, atMost: MOST_TASKS_OF_TURN, fresh: true, patience: this.#patience };
    const probe = await this.#alone(loop);
    if (probe.failed === probe.taskMs.length) throw this.#allFailed([probe]);
    return probe;
  }

  async #alone(loop: LoopOptions): Promise<BaselineTurn> {
    const began = performance.now();
    try {
      return await baselineTurn(this.#reference, this.#items, loop, this.#setup);
    } catch (error) {
      const tookMs = performance.now() - began;
      const nameOf = (at: number): string => this.#nameOf(at);
      const why = await explained({ error, tookMs, fn: this.#fn, items: this.#items, nameOf }, this.#setup);
      this.#options.signal?.throwIfAborted();
      throw why;
    }
  }

  #allFailed(turns: readonly BaselineTurn[]): PoolError {
    const { failed, first } = this.#failures(asTurns(turns));
    return new PoolError(
      `Every task failed, ${failed} of ${failed}. The first, of ${first?.name}: ${first?.error}`,
      'ERR_COMPARE',
    );
  }

  /** Runs A B C, A B C, …: other load on the machine strikes all alike, and each ratio is of neighbours in time. */
  async #rounds(steps: Plan, work: Work): Promise<Rounds> {
    const baseline: BaselineTurn[] = [];
    const contenders = steps.contenders.map((contender) => new Contending(contender, this.#machine.cores));
    const total = steps.rounds * (contenders.length + 1);
    const copied = steps.contenders.some(({ pool }) => pool === 'async') ? copiesOf(work.items) : [];
    let stopped: string | undefined;
    let done = 0;
    const tell = (turn: string): void => this.#options.onProgress?.({ done: done++, total, turn });
    const { turnMs: ms, warmMs } = steps;
    const loop = { ms, warmMs, atMost: work.atMost, fresh: work.changesItems, patience: this.#patience };
    for (let round = 0; round < steps.rounds && this.#hasTimeFor(round); round++) {
      tell('one at a time');
      const alone = await this.#alone(loop).catch((error: unknown) => {
        if (round === 0 || this.#options.signal?.aborted === true) throw error;
        stopped = errorText(error);
      });
      // Without it there is nothing to compare with: the rounds before this one stand.
      if (alone === undefined) break;
      this.#count(alone.taskMs.length);
      baseline.push(alone);
      for (const each of contenders) {
        if (this.#isOver(contenders)) break;
        tell(each.name);
        const deadly = each.pool === 'async' ? contenders.find(({ endsWorkers }) => endsWorkers) : undefined;
        if (deadly !== undefined)
          each.refuse(`A task has ended a worker of ${deadly.name}; here it would end this program`);
        await each.turn(each.pool === 'async' ? { ...work, items: copied } : work, steps, this.#setup, ratesOf(alone));
      }
    }
    if (baseline.every(({ failed, taskMs }) => failed === taskMs.length)) throw this.#allFailed(baseline);
    for (const { turns } of contenders) for (const { tasks } of turns) this.#count(tasks);
    return { baseline, contenders, stopped };
  }

  /** Expects a round to take as long as those before it: on a busy machine, starts take longer than the plan can know. */
  #hasTimeFor(round: number): boolean {
    const passed = this.#passedMs;
    return round === 0 || passed + passed / round <= this.#options.time * 1.1;
  }

  /** A round is finished even if late, unless a pool has hung: several of these could take many times the whole time. */
  #isOver(contenders: readonly Contending[]): boolean {
    return this.#passedMs >= this.#options.time && contenders.some(({ wasLate }) => wasLate);
  }

  #count(tasks: number): void {
    this.#used = Math.max(this.#used, Math.min(tasks, this.#items.length));
  }

  #conclude(steps: Plan, { changesItems }: Work, { baseline, contenders, stopped }: Rounds): Comparison {
    const evidence = {
      machine: this.#machine,
      oneAtATime: oneAtATimeOf(baseline, this.#failures(asTurns(baseline))),
      message: messageCostOf(baseline),
      contenders: contenders
        .filter(({ untried }) => !untried)
        .map((each) => each.measurement((turns) => this.#failures(turns))),
    };
    return {
      function: describe(this.#reference),
      items: { given: this.#items.length, used: this.#used },
      rounds: baseline.length,
      turnMs: steps.turnMs,
      ...evidence,
      verdict: verdictOf(evidence),
      notes: [
        ...(changesItems ? [CHANGES_ITEMS] : []),
        ...this.#shortage(baseline.length, stopped),
        ...untriedOf(contenders),
        ...steps.notes,
      ],
    };
  }

  #shortage(rounds: number, stopped: string | undefined): string[] {
    const notes: string[] = [];
    const { length } = this.#items;
    if (this.#used < length) notes.push(`${this.#used} of ${length} items were used: there was no time for more.`);
    if (rounds < this.#options.rounds) {
      notes.push(`${rounds} of ${this.#options.rounds} rounds: ${stopped ?? 'there was no time for more.'}`);
    }
    return notes;
  }

  #failures(turns: readonly Pick<Turn, 'failed' | 'tasks' | 'first'>[]): Failures {
    const first = turns.find((turn) => turn.first !== undefined)?.first;
    return {
      failed: turns.reduce((sum, { failed }) => sum + failed, 0),
      of: turns.reduce((sum, { tasks }) => sum + tasks, 0),
      first: first && this.#failure(first),
    };
  }

  #failure({ at, error }: { readonly at: number; readonly error: string }): Failure {
    return { item: this.#itemAt(at), name: this.#nameOf(at), error };
  }

  #nameOf(at: number): string {
    return this.#options.itemName(this.#itemAt(at));
  }

  #itemAt(at: number): number {
    return this.#order[at % this.#order.length] as number;
  }
}

/** Notes the contenders for which one that hung left no time. */
function untriedOf(contenders: readonly Contending[]): string[] {
  const late = contenders.filter(({ wasLate }) => wasLate).map(({ name }) => name);
  const untried = contenders.filter((each) => each.untried).map(({ name }) => name);
  if (untried.length === 0) return [];
  return [`Left out, since ${late.join(', ')} took the time that there was: ${untried.join(', ')}.`];
}

function asTurns(turns: readonly BaselineTurn[]) {
  return turns.map((turn) => ({ ...turn, tasks: turn.taskMs.length }));
}

function probeOf(turn: BaselineTurn): Probe {
  return { taskMs: turn.wallMs / turn.taskMs.length, startupMs: turn.startupMs, ...sharesOf(turn) };
}

function mostTasks({ result }: BaselineTurn): number {
  if (result === undefined) return MOST_TASKS_OF_UNKNOWN_SIZE;
  return Math.max(1, Math.min(MOST_TASKS_OF_TURN, Math.floor(MOST_RESULT_BYTES / Math.max(result.bytes, 1))));
}
