import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, type CompareOptions, type Comparison, type Kind } from 'forkpool/bench';
import type { PostgresServer } from '../../examples/postgres.js';
import { startPostgres } from '../fixtures/postgres.js';
import {
  brotli,
  connect,
  disconnect,
  fetchPage,
  hash,
  primes,
  query,
  runProgram,
  square,
  stop,
  waitAndHash,
} from '../fixtures/workloads.js';
import { leavesNoChild, range } from '../helpers.js';

leavesNoChild();

/** Few contenders and short turns: that is enough for a verdict, and each takes a few seconds. */
const BRIEF = { time: 3000, rounds: 1, processes: [1, 2] } as const satisfies CompareOptions;
const CPU = { ...BRIEF, concurrency: [1] } as const satisfies CompareOptions;
const IO = { ...BRIEF, concurrency: [1, 16] } as const satisfies CompareOptions;

/** For a few of them. */
const LONG = 180_000;

/** What every verdict rests on. */
function expectVerdict(comparison: Comparison, kind: Kind): void {
  const { verdict, oneAtATime } = comparison;
  expect(verdict).toMatchObject({ kind });
  if (kind !== 'tiny') expect(verdict.text).toContain(`${Math.round(Math.min(1, oneAtATime.cpuShare) * 100)} % CPU`);
  if (verdict.use !== undefined) expect(verdict.text).toContain(`${verdict.use.name} is `);
}

/**
 * What is true of a comparison, or of the next: other programs may spoil one, this suite's among them. A rule that is wrong is
 * wrong each time; what it says of given figures is the business of verdict.spec.ts. A spec beside it may keep both cores for a minute.
 */
async function expectOf(measure: () => Promise<Comparison>, facts: (comparison: Comparison) => void): Promise<void> {
  for (const start = performance.now(); ;) {
    const comparison = await measure();
    try {
      return facts(comparison);
    } catch (error) {
      if (performance.now() - start > LONG / 2) throw error;
    }
  }
}

function wasInPeace({ oneAtATime }: Comparison): boolean {
  return oneAtATime.stolenShare <= 0.15;
}

/** Of a machine that was busy all the time a speed-up says nothing: that it is not judged is said. */
function judges(comparison: Comparison): boolean {
  if (wasInPeace(comparison)) return true;
  const share = Math.round(comparison.oneAtATime.stolenShare * 100);
  console.warn(`Other programs took ${share} % of the time: which pool to use was not checked`);
  return false;
}

function expectUse(comparison: Comparison, use: object): void {
  if (judges(comparison)) expect(comparison.verdict.use).toMatchObject(use);
}

/** Of about the same length, so that few of them are like all. */
function texts(): string[] {
  const folder = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  const all = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return all.filter((text) => text.length > 10_000).map((text) => text.slice(0, 20_000));
}

describe('compare', () => {
  describe('of work that computes', () => {
    it.each([
      ['hashes', hash, range(50)],
      ['a prime sieve', primes, [200_000, 220_000]],
      ['brotli of files', brotli, texts()],
    ] as unknown as [string, (item: unknown) => unknown, unknown[]][])(
      'says of %s that it is CPU-bound, for as many workers as cores',
      async (_name, fn, items) => {
        await expectOf(
          () => compare(fn, items, CPU),
          (comparison) => {
            expectVerdict(comparison, 'CPU-bound');
            expect(comparison.oneAtATime.cpuShare).toBeGreaterThan(0.8);
            if (comparison.machine.cores >= 2) expectUse(comparison, { processes: 2 });
          },
        );
      },
      LONG,
    );
  });

  describe('of work that waits', () => {
    let postgres: PostgresServer;
    let server: Server;
    let url: string;
    beforeAll(async () => {
      postgres = await startPostgres();
      server = createServer((_request, response) => setTimeout(() => response.end('x'.repeat(1000)), 15));
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    }, LONG);
    afterAll(async () => {
      server.close();
      await postgres.stop();
    });

    it(
      'says of queries to PostgreSQL that they are IO-bound, for the event loop',
      async () => {
        const worker = { initializer: connect, initargs: [postgres.address] as [object], finalizer: disconnect };
        await expectOf(
          () => compare(query, [15, 16], { ...IO, ...worker, processes: [1] }),
          (comparison) => {
            expectVerdict(comparison, 'IO-bound');
            expectUse(comparison, { pool: 'async', concurrency: 16 });
          },
        );
      },
      LONG,
    );

    it(
      'says of requests over HTTP that they are IO-bound, for the event loop',
      async () => {
        await expectOf(
          () => compare(fetchPage, [url], { ...IO, pools: ['async'] }),
          (comparison) => {
            expectVerdict(comparison, 'IO-bound');
            expectUse(comparison, { pool: 'async', concurrency: 16 });
          },
        );
      },
      LONG,
    );
  });

  it(
    'says of work that waits and computes that it is mixed',
    async () => {
      const pools = ['process', 'async'] as const;
      await expectOf(
        () => compare(waitAndHash, range(20), { ...IO, pools }),
        (comparison) => expectVerdict(comparison, 'mixed'),
      );
    },
    LONG,
  );

  describe('of work that waits and blocks the event loop', () => {
    it.each([
      ['Atomics.wait', stop, [15]],
      ['a program that it runs', runProgram, ['0.04']],
    ] as unknown as [string, (item: unknown) => unknown, unknown[]][])(
      'says of %s that a process or a thread helps, and the event loop does not',
      async (_name, fn, items) => {
        const sizes = { time: 4000, processes: [1, 4], concurrency: [1, 4] };
        await expectOf(
          () => compare(fn, items, { ...CPU, ...sizes }),
          (comparison) => {
            expectVerdict(comparison, 'blocking IO');
            expectUse(comparison, { processes: 4, concurrency: 1 });
            if (judges(comparison)) expect(comparison.verdict.text).toMatch(/AsyncPool of \d does not help/);
          },
        );
      },
      LONG,
    );
  });

  it(
    'says of a multiplication that it is tiny, for no pool',
    async () => {
      await expectOf(
        () => compare(square, range(1000), CPU),
        (comparison) => {
          expectVerdict(comparison, 'tiny');
          expect(comparison.verdict.use).toBeUndefined();
          expect(comparison.oneAtATime.runTime.mean).toBeLessThan(comparison.verdict.worthMs);
        },
      );
    },
    LONG,
  );
});
