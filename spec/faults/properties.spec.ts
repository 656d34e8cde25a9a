import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import type { Pool } from 'forkpool';
import { meet } from '../fixtures/fates.js';
import { linesOf, temporaryFiles } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

// Whatever the mix of limits, sizes and deaths: each task has its value or the error of its own fate, and begins once.

const make = poolsOf();
const file = temporaryFiles();

let silence: jest.Spied<typeof process.stderr.write>;
beforeAll(() => {
  silence = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => silence.mockRestore());

type Item = Parameters<typeof meet>[0];
type Fate = Item['fate'];
type Outcome = PromiseSettledResult<unknown>;

/** A busy machine may take a part of it for a task that has a value. */
const LATE_MS = 1000;

/** More by hand: `FORKPOOL_SPEC_RUNS=500 npm run jest -- spec/faults/properties`. */
const RUNS = Number(process.env['FORKPOOL_SPEC_RUNS'] ?? 12);

const fates = (ofThreads: boolean): fc.Arbitrary<Fate> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constant<Fate>('value') },
    { weight: 8, arbitrary: fc.constant<Fate>('slow value') },
    { weight: 4, arbitrary: fc.constantFrom<Fate>('throw', 'reject', 'unsendable') },
    // SIGKILL ends a thread's program.
    { weight: 2, arbitrary: fc.constantFrom<Fate>('exit', 'uncaught', ofThreads ? 'exit' : 'kill') },
    { weight: 1, arbitrary: fc.constant<Fate>('late') },
  );

interface Run {
  readonly fates: Fate[];
  readonly processes: number;
  readonly concurrency: number;
  readonly chunksize: number | undefined;
  readonly maxtasksperchild: number | undefined;
  readonly timed: boolean;
  readonly method: 'map' | 'imap' | 'imapUnordered' | 'apply' | 'applyAsync';
}

const runs = (ofThreads: boolean): fc.Arbitrary<Run> =>
  fc.record({
    fates: fc.array(fates(ofThreads), { maxLength: 60, size: 'max' }),
    processes: fc.integer({ min: 1, max: 3 }),
    concurrency: fc.constantFrom(1, 1, 1, 4),
    chunksize: fc.constantFrom(undefined, 1, 2, 7, 100),
    maxtasksperchild: fc.constantFrom(undefined, undefined, 1, 3, 10),
    timed: fc.boolean(),
    method: fc.constantFrom('map', 'imap', 'imapUnordered', 'apply', 'applyAsync'),
  });

/** The outcomes, in the order of the items. */
async function outcomesOf(pool: Pool, items: Item[], { method, chunksize }: Run): Promise<Outcome[]> {
  const options = { settled: true, chunksize } as const;
  if (method === 'map') return pool.map(meet, items, options);
  if (method === 'apply') return Promise.allSettled(items.map((item) => pool.apply(meet, [item])));
  if (method === 'applyAsync') return Promise.allSettled(items.map((item) => pool.applyAsync(meet, [item])));
  const outcomes: Outcome[] = [];
  if (method === 'imap') for await (const outcome of pool.imap(meet, items, options)) outcomes.push(outcome);
  else for await (const { index, ...outcome } of pool.imapUnordered(meet, items, options)) outcomes[index] = outcome;
  return outcomes;
}

/** What must become of a task of that fate when nobody else's death can reach it. */
function ownOutcome({ id, fate }: Item): unknown {
  const failure = (reason: object): object => ({ status: 'rejected', reason: expect.objectContaining(reason) });
  const lost = { code: 'ERR_WORKER_LOST', suspects: 1 };
  switch (fate) {
    case 'value':
    case 'slow value':
      return { status: 'fulfilled', value: id * 2 };
    case 'throw':
    case 'reject':
      return failure({ name: 'RangeError', message: `thrown by ${id}` });
    case 'exit':
      return failure({ ...lost, exitCode: 3 });
    case 'kill':
      return failure({ ...lost, signal: 'SIGKILL' });
    case 'uncaught':
      return failure({ ...lost, cause: expect.objectContaining({ message: `uncaught of ${id}` }) });
    case 'late':
      return failure({ code: 'ERR_TASK_TIMEOUT' });
    case 'unsendable':
      return failure({ code: 'ERR_SERIALIZATION', direction: 'result' });
    default:
      return fate satisfies never;
  }
}

/**
 * Whether a death may have taken this task along: with several tasks at once any death may; and one that says nothing, such
 * as SIGKILL, takes tiny tasks that share its mark. Then their errors say how many they are.
 */
function mayShare(outcome: Outcome, { concurrency, timed, chunksize, fates: all }: Run): boolean {
  if (outcome.status === 'fulfilled') return false;
  const { code, suspects } = outcome.reason as { code?: unknown; suspects?: number };
  if (code !== 'ERR_WORKER_LOST') return false;
  const exact = timed || chunksize === 1 || !all.includes('kill');
  return concurrency > 1 || (!exact && suspects !== undefined && suspects > 1);
}

let count = 0;

describe.each(walled)('%s', (name, Kind) => {
  it('gives each task its value or its own error, and begins each once', async () => {
    const property = fc.asyncProperty(runs(name === 'ThreadPool'), async (run) => {
      const log = file(`${name}-${count++}`);
      const { processes, concurrency, maxtasksperchild, timed } = run;
      const fateOf = (fate: Fate): Fate => (fate === 'late' && !timed ? 'value' : fate);
      const items = run.fates.map((fate, id): Item => ({ id, fate: fateOf(fate), log }));
      const timeout = timed ? LATE_MS : undefined;
      const pool = make(Kind, { processes, concurrency, maxtasksperchild, timeout, gracePeriod: 10 });
      const outcomes = await outcomesOf(pool, items, run);
      await pool.close();

      const begun = linesOf(log).map(Number);
      expect(new Set(begun).size).toBe(begun.length);
      expect(outcomes).toHaveLength(items.length);
      for (const [index, outcome] of outcomes.entries()) {
        // One that shared a mark may not have begun: nobody knows.
        if (mayShare(outcome, run)) continue;
        expect(begun).toContain(index);
        expect(outcome).toEqual(ownOutcome(items[index] as Item));
      }
    });
    const before = count;
    await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: 3000 * RUNS, markInterruptAsFailure: false });
    // A slow machine does fewer; none at all would be a proof of nothing.
    expect(count - before).toBeGreaterThanOrEqual(3);
  }, 600_000);
});
