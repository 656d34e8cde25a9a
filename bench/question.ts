import type { Column } from './columns.js';
import type { Contender, Kind, Opening, PeerPool } from './contenders/contender.js';
import type { Lap } from './lap.js';
import type { Sample } from './sample.js';

/** One thing that a user may want to know of a pool. */
export interface Question {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** The ways in which it is asked, each with goals of its own: sizes of a buffer, places of the long items. */
  readonly variants: readonly Variant[];

  /** The question is about pools of threads, with or without `--threads`: its goals are for our pool of threads. */
  readonly of?: 'threads';

  /** Master and workers share one core: for what depends on which core wakes up, and not on having two. */
  readonly pinned?: true;

  /** How often it is asked in a round, once if left out: for figures that are quickly measured, and vary. */
  readonly turns?: number;
}

export interface Variant {
  /** Empty if a question has only one. */
  readonly name: string;
  readonly goals: readonly Goal[];
  /** How many workers, whatever the command line says. */
  readonly workers?: number;

  /** Whether a contender can answer; all can, if left out. */
  asks?(contender: Contender): boolean;

  /** How often all of it is done before it is timed, by every contender: see `warmed`. Not at all, if left out. */
  readonly rehearsals?: number;

  /** How many tasks a contender gets. Those that would take minutes get fewer, and the table says how many. */
  tasks(contender: Contender): number;

  /** In a fresh master: times `tasks` tasks, and throws if the answers are not what the tasks say. */
  answer(seat: Seat): Promise<Measured>;
}

/** What a question finds in its master. */
export interface Seat {
  readonly tasks: number;
  readonly workers: number;
  readonly rehearsals: number;
  /** A pool of the contender with as many workers as the seat has; the master closes it if the question does not. */
  open(opening?: Partial<Opening>): Promise<PeerPool>;
}

export type Measured = Lap & Pick<Sample, 'figures'>;

/** What we ask of forkpool: a figure of it, or how many times the rival's it is. */
export interface Goal {
  readonly column: Column;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** Without it, the figure itself is bounded. */
  readonly against?: Rival;
}

/** The best contender of a kind, one by its name, or the same contender in another variant of the question. */
export type Rival = { readonly kind: Kind } | { readonly name: string } | { readonly variant: string };

/**
 * The answer of most questions: a pool that is warm before the clock starts. With rehearsals, the code of both sides is
 * compiled as far as it will be, and their heaps have the size that they need.
 */
export function warmed({ opening, warmUp, ask }: WarmAnswer): Variant['answer'] {
  return async (seat) => {
    const pool = await seat.open(opening);
    await pool.ready?.();
    await warmUp(pool, seat);
    for (let rehearsal = 0; rehearsal < seat.rehearsals; rehearsal++) await ask(pool, seat);
    return ask(pool, seat);
  };
}

interface WarmAnswer {
  readonly opening?: Partial<Opening>;
  /** Not timed: every worker has started, and both sides have been on the path of a task. */
  readonly warmUp: (pool: PeerPool, seat: Seat) => Promise<unknown>;
  readonly ask: (pool: PeerPool, seat: Seat) => Promise<Measured>;
}
