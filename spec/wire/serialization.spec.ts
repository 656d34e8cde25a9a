import { describe, expect, it } from '@jest/globals';
import { SerializationError } from 'forkpool';
import { serializationError } from '#lib/wire/serialization.js';
import { echo, square } from '../fixtures/tasks.js';
import { collect, range, rejection } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';
import { giveBack, giveFunction, reportFunction, throwHard } from '../fixtures/travel-tasks.js';

const make = poolsOf();

describe('a SerializationError', () => {
  it('names the direction, the place and the reason, and keeps the cause', () => {
    const cause = new TypeError('the serializer said so');
    const error = serializationError('argument', [{ db: { socket: () => {} } }], cause);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: 'argument', path: 'args[0].db.socket', code: 'ERR_SERIALIZATION', cause });
    expect(error.message).toBe(
      'Cannot copy args[0].db.socket (an argument of the task): [Function: socket] is a function. ' +
        'Send plain data; open connections and the like in the initializer',
    );
  });

  it('tells who returned the value what to return', () => {
    expect(serializationError('result', () => {}, undefined).message).toBe(
      'Cannot copy result (what the task returned): [Function (anonymous)] is a function. Return plain data',
    );
  });

  it('ends the sentence of the serializer once', () => {
    expect(serializationError('result', 1, new Error('#<Lock> could not be cloned.')).message).toBe(
      'Cannot copy result (what the task returned): #<Lock> could not be cloned. Return plain data',
    );
  });

  it.each([
    ['result', 'result'],
    ['thrown', 'error'],
    ['report', 'report'],
    ['initargs', 'initargs'],
    ['argument', 'args'],
  ] as const)('of a %s begins its path with %s', (direction, root) => {
    expect(serializationError(direction, { f: () => {} }, undefined).path).toBe(`${root}.f`);
  });

  it('says what the serializer said where no place is to blame', () => {
    const error = serializationError('result', 1, new RangeError('it is larger than 2 GiB'));
    expect(error).toMatchObject({ path: 'result' });
    expect(error.message).toContain('it is larger than 2 GiB');
    expect(serializationError('result', 1, 'text').message).toContain('text');
  });
});

describe.each(walled)('%s', (_, Kind) => {
  describe('a value that cannot be copied', () => {
    it('costs the call that gave it as an argument, and the pool goes on', async () => {
      const pool = make(Kind, 1);
      const [bad, good] = await Promise.allSettled([
        pool.apply(echo, [{ db: { socket: () => {} } }]),
        pool.apply(square, [3]),
      ]);
      expect(bad).toMatchObject({ reason: { direction: 'argument', path: 'args[0].db.socket' } });
      expect(good).toEqual({ status: 'fulfilled', value: 9 });
      expect(await pool.apply(square, [4])).toBe(16);
      expect(pool.stats().replaced.died).toBe(0);
    });

    it('costs the task that returned it, and no other task that it travelled with', async () => {
      const pool = make(Kind, 1);
      const outcomes = await pool.map(giveFunction, range(40), { settled: true, chunksize: 20 });
      for (const [index, outcome] of outcomes.entries()) {
        if (index % 10 === 3)
          expect(outcome).toMatchObject({ reason: { direction: 'result', path: 'result.inner[1]' } });
        else expect(outcome).toEqual({ status: 'fulfilled', value: index });
      }
      expect(await pool.apply(square, [4])).toBe(16);
    });

    it.each(['function', 'symbol', 'proxy'])('costs the task that threw it: a %s', async (kind) => {
      const pool = make(Kind, 1);
      expect(await rejection(pool.apply(throwHard, [kind]))).toMatchObject({ direction: 'thrown', path: 'error' });
      expect(await pool.apply(square, [4])).toBe(16);
    });

    it('throws where a task reports it', async () => {
      const pool = make(Kind, 1);
      expect(await pool.apply(reportFunction)).toEqual({ name: 'SerializationError', path: 'report.f' });
    });

    it('costs one item of a map', async () => {
      const pool = make(Kind, 2);
      const items = range(30).map((n) => (n % 10 === 7 ? { n, f: () => n } : { n }));
      const outcomes = await pool.map(giveBack, items, { settled: true });
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(range(30).map((n) => n % 10 === 7));
      expect(outcomes[7]).toMatchObject({ reason: { direction: 'argument', path: 'args[0].f' } });
      const lazy = pool.imapUnordered(giveBack, items, { settled: true });
      const failed = (await collect(lazy)).filter(({ status }) => status === 'rejected');
      expect(failed.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([7, 17, 27]);
    });

    it('is named in the arguments of a starmap', async () => {
      const pool = make(Kind, 1);
      const error = await rejection(pool.starmap((a: unknown, b: unknown) => [a, b], [[1, { s: Symbol('s') }]]));
      expect(error).toMatchObject({ direction: 'argument', path: 'args[1].s' });
    });
  });
});
