import type { Pool } from 'forkpool';
import type { Random } from './random.js';
import { meet, type Fate, type Item } from './tasks.js';
import type { Outcome, Terms } from './verdict.js';

/** One call of a pool: its items, and their outcomes in the same order. */
export interface Done {
  readonly kind: string;
  readonly items: readonly Item[];
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly terms: Terms;
  /** Tasks that need not have an outcome: nobody waits for them any more. */
  readonly dropped: boolean;
}

export interface Member {
  readonly name: string;
  readonly pool: Pool;
  readonly concurrency: number;
}

/** Long enough for a task that has to wait for its turn on a busy machine. */
const TIMEOUT_MS = 1000;

const FATES: readonly (readonly [Fate, number])[] = [
  ['value', 920],
  ['slow value', 30],
  ['large value', 8],
  ['throw', 20],
  ['reject', 10],
  ['unsendable', 4],
  ['exit', 0.6],
  ['uncaught', 0.6],
];

/** Runs one job of a random kind, size and manner. */
export async function runJob(random: Random, member: Member, nextId: () => number, log: string): Promise<Done> {
  const kind = random.of(KINDS);
  const retries = random.chance(0.25) ? 2 : 0;
  const chunksize = random.of([undefined, undefined, 1, 5, 50]);
  const reason = random.chance(0.1) ? new Error('enough') : undefined;
  const timed = random.chance(0.3);
  const controller = new AbortController();
  const options = {
    retries,
    priority: random.between(0, 2),
    ...(timed ? { timeout: TIMEOUT_MS } : {}),
    ...(reason === undefined ? {} : { signal: controller.signal }),
  };
  const size = random.chance(0.1) ? random.between(1, 1500) : random.between(1, 150);
  // A task that never ends needs a limit, and takes all of it: only some jobs have one.
  const late = timed && random.chance(0.1) ? random.between(0, size - 1) : -1;
  const items = Array.from({ length: size }, (_, index) => {
    return { id: nextId(), fate: index === late ? 'late' : random.weighted(FATES), log } satisfies Item;
  });
  const timer = setTimeout(() => controller.abort(reason), random.between(0, 150));
  const outcomes = await outcomesOf(kind, member.pool, items, options, chunksize, reason);
  clearTimeout(timer);
  const alone = member.concurrency === 1;
  const exact =
    alone && (timed || retries > 0 || reason !== undefined || (chunksize === 1 && !kind.startsWith('apply')));
  const terms = { pool: member.name, retries, alone, exact, reason };
  return { kind, items, outcomes, terms, dropped: kind === 'imap, broken off' };
}

const KINDS = ['map', 'imap', 'imapUnordered', 'imap, broken off', 'apply', 'applyAsync'] as const;

interface Options {
  readonly retries: number;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

async function outcomesOf(
  kind: (typeof KINDS)[number],
  pool: Pool,
  items: readonly Item[],
  options: Options,
  chunksize: number | undefined,
  reason: unknown,
): Promise<(Outcome | undefined)[]> {
  const ofMap = { ...options, chunksize, settled: true } as const;
  try {
    switch (kind) {
      case 'map':
        return await pool.map(meet, items, ofMap);
      case 'apply':
        return await Promise.allSettled(items.map((item) => pool.apply(meet, [item], options)));
      case 'applyAsync':
        return await settledByCallbacks(pool, items, options);
      case 'imap':
        return await first(pool.imap(meet, items, ofMap), Infinity);
      case 'imap, broken off':
        return await first(pool.imap(meet, items, ofMap), items.length / 2);
      case 'imapUnordered': {
        const outcomes: Outcome[] = [];
        for await (const { index, ...outcome } of pool.imapUnordered(meet, items, ofMap)) outcomes[index] = outcome;
        return outcomes;
      }
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (error !== reason || reason === undefined) throw error;
    return items.map(() => ({ status: 'rejected', reason }));
  }
}

/** By callbacks, each of which must be called once. */
async function settledByCallbacks(pool: Pool, items: readonly Item[], options: Options): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let calls = 0;
  const results = items.map((item, index) => {
    const settled = (outcome: Outcome): void => {
      calls++;
      outcomes[index] = outcome;
    };
    return pool.applyAsync(meet, [item], {
      ...options,
      callback: (value) => settled({ status: 'fulfilled', value }),
      errorCallback: (error) => settled({ status: 'rejected', reason: error }),
    });
  });
  await Promise.all(results.map((result) => result.wait()));
  if (calls !== items.length) throw new Error(`${calls} callbacks of ${items.length} tasks`);
  return outcomes;
}

async function first(outcomes: AsyncIterable<Outcome>, count: number): Promise<Outcome[]> {
  const some: Outcome[] = [];
  for await (const outcome of outcomes) if (some.push(outcome) >= count) break;
  return some;
}
