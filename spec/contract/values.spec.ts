import { describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import * as fc from 'fast-check';
import { cloneable, isCloneOf } from '../fixtures/fake-values.js';
import { echo, toss } from '../fixtures/tasks.js';
import { range, rejection } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

const make = poolsOf();

class Link {
  readonly also = 1;
}

describe.each(walled)('%s', (_, Kind) => {
  it('carries any value that structured clone does, there and back, unchanged', async () => {
    const pool = make(Kind, 2);
    await fc.assert(
      fc.asyncProperty(fc.array(cloneable, { maxLength: 20 }), async (values) => {
        expect(isCloneOf(await pool.map(echo, values), values)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  describe('a value that is nested deeply', () => {
    const nested = (levels: number, wrap: (value: unknown) => unknown, innermost: unknown): unknown =>
      range(levels).reduce(wrap, innermost);

    it.each<[string, (value: unknown) => unknown]>([
      ['arrays', (value) => [value]],
      ['objects', (next) => ({ next, also: 1 })],
      ['Maps', (value) => new Map([['key', value]])],
      ['Sets', (value) => new Set([value])],
      ['instances of a class', (next) => Object.assign(new Link(), { next })],
    ])('arrives with 1,000 levels, and is refused with more, without harm to others: %s', async (_title, wrap) => {
      const pool = make(Kind, 1);
      for (const innermost of [1, new URL('https://example.org')]) {
        const [first, deepest, tooDeep, last] = await pool.map(
          echo,
          [1, nested(1000, wrap, innermost), nested(1010, wrap, innermost), 4],
          { chunksize: 4, settled: true },
        );
        expect([first, last]).toEqual([1, 4].map((value) => ({ status: 'fulfilled', value })));
        expect(deepest?.status).toBe('fulfilled');
        const { code } = (tooDeep as { reason?: { code?: unknown } }).reason ?? {};
        expect(code).toBe('ERR_SERIALIZATION');
      }
    });
  });

  it('calls no getter of the class of an instance, and leaves the instance as it was', async () => {
    const pool = make(Kind, 1);
    let asked = 0;
    class Lazy {
      readonly own = { n: 1 };
    }
    Object.defineProperty(Lazy.prototype, 'heavy', { enumerable: true, get: () => ({ asked: ++asked }) });
    const given = new Lazy();
    for (const value of [given, [given], { given, url: new URL('https://example.org') }])
      await pool.apply(echo, [value]);
    expect(await pool.apply(echo, [given])).toEqual({ own: given.own });
    expect([asked, Object.keys(given)]).toEqual([0, ['own']]);
  });

  it('carries the Stats of a file', async () => {
    const pool = make(Kind, 1);
    const stats = statSync('package.json');
    const { size, mtimeMs } = stats;
    expect(await pool.apply(echo, [stats])).toMatchObject({ size, mtimeMs });
    const asked = statSync('package.json');
    expect(await pool.apply(echo, [Object.assign(asked, { mtime: asked.mtime })])).toMatchObject({
      mtime: asked.mtime,
    });
  });

  it('gives each call arguments of its own, though many that travel together were given the same object', async () => {
    const pool = make(Kind, 1);
    const given = { count: 0, deep: { list: [] as number[] } };
    const change = (value: typeof given): number => {
      value.deep.list.push(value.count++);
      return value.count + value.deep.list.length;
    };
    const results = await Promise.all(range(2000).map(() => pool.applyAsync(change, [given])));
    expect(new Set(results)).toEqual(new Set([2]));
    const nested = await Promise.all(range(2000).map(() => pool.applyAsync(change, [{ count: 0, deep: given.deep }])));
    expect(new Set(nested)).toEqual(new Set([2]));
    const plain = { count: 0 };
    const count = (value: typeof plain | number): number => (typeof value === 'number' ? 1 : ++value.count);
    const mixed = range(2000).map((n) => pool.applyAsync(count, [n % 2 === 0 ? plain : n]));
    expect(new Set(await Promise.all(mixed))).toEqual(new Set([1]));
  });

  it.each([
    { tasks: 'tiny', ms: 0, concurrency: 1 },
    { tasks: 'short', ms: 0.05, concurrency: 1 },
    { tasks: 'concurrent', ms: 0, concurrency: 4 },
  ])('gives each call what its $tasks task returned, whatever later tasks make of that value', async (given) => {
    const pool = make(Kind, { processes: 1, concurrency: given.concurrency });
    const change = (n: number, kind: 'object' | 'map' | 'bytes', ms: number): unknown => {
      for (const end = performance.now() + ms; performance.now() < end;);
      const all = globalThis as { one?: { list: number[]; map: Map<string, number>; bytes: Uint8Array } };
      all.one ??= { list: [0], map: new Map(), bytes: new Uint8Array(1) };
      all.one.list[0] = all.one.bytes[0] = n % 256;
      all.one.map.set('n', n % 256);
      if (kind === 'bytes') return all.one.bytes;
      return kind === 'map' ? all.one.map : { n, list: all.one.list };
    };
    for (const kind of ['object', 'map', 'bytes'] as const) {
      const calls = range(1000).map((n) => [n, kind, given.ms] as [number, typeof kind, number]);
      const expected = range(1000).map((n) => {
        if (kind === 'bytes') return Uint8Array.of(n % 256);
        return kind === 'map' ? new Map([['n', n % 256]]) : { n, list: [n % 256] };
      });
      expect(await Promise.all(calls.map((call) => pool.applyAsync(change, call)))).toEqual(expected);
      expect(await pool.starmap(change, calls)).toEqual(expected);
    }
  });

  it('gives each call a result of its own, though the task returned the same object to many', async () => {
    const pool = make(Kind, 1);
    const remembered = (): { count: number; at: Date } =>
      ((globalThis as { remembered?: { count: number; at: Date } }).remembered ??= { count: 0, at: new Date(0) });
    const results = await Promise.all(range(2000).map(() => pool.applyAsync(remembered)));
    for (const result of results) result.count++;
    expect(new Set(results.map(({ count }) => count))).toEqual(new Set([1]));
  });

  it('carries any such value that a task throws', async () => {
    const pool = make(Kind, 1);
    await fc.assert(
      fc.asyncProperty(cloneable, async (value) => {
        expect(isCloneOf(await rejection(pool.apply(toss, [value])), value)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('carries an error as it was thrown, with the stack of where it was thrown', async () => {
    const error = await rejection(
      make(Kind, 1).apply(() => {
        const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER' });
        const outer = new AggregateError([cause, 'text'], 'outer', { cause });
        throw Object.assign(outer, { port: 80, retry: () => {} });
      }),
    );
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ message: 'outer', port: 80, retry: '[Function: retry]', errors: [{}, 'text'] });
    const { cause, errors, stack } = error as AggregateError;
    expect(cause).toBeInstanceOf(TypeError);
    expect(errors[0]).toBe(cause);
    expect(cause).toMatchObject({ message: 'inner', code: 'E_INNER' });
    expect(stack).toMatch(/^AggregateError: outer\n\s+at .*workers/s);
  });

  it('keeps no large message in memory for a small part of it', async () => {
    const pool = make(Kind, 1);
    const lists = await pool.map((n: number) => [new Uint8Array(3).fill(n), Buffer.from([n])], range(100));
    for (const [n, [bytes, buffer]] of lists.entries()) {
      expect([bytes?.buffer.byteLength, buffer?.buffer.byteLength]).toEqual([3, 1]);
      expect([[...(bytes ?? [])], [...(buffer ?? [])]]).toEqual([[n, n, n], [n]]);
    }
  });

  it('carries strings and lists of many megabytes', async () => {
    const pool = make(Kind, 1);
    const text = 'ä\u{1f600}x'.repeat(2_000_000);
    expect((await pool.apply(echo, [text])) === text).toBe(true);
    const list = range(1e5).map((n) => ({ n, text: `item ${n}` }));
    expect(isCloneOf(await pool.apply(echo, [list]), list)).toBe(true);
  });
});
