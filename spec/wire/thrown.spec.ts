import { describe, expect, it } from '@jest/globals';
import { SerializationError } from 'forkpool';
import { decode, encode } from '#lib/wire/codec.js';
import { recordOf, thrownFrom } from '#lib/wire/thrown.js';

/** What is thrown, as it arrives. */
const thrownAcross = (thrown: unknown): unknown =>
  thrownFrom(decode(encode(recordOf(thrown))) as ReturnType<typeof recordOf>);

describe('what was thrown', () => {
  it.each([undefined, null, 0, '', 'text', 5n, NaN])('arrives: %p', (value) => {
    expect(Object.is(thrownAcross(value), value)).toBe(true);
  });

  it('arrives: objects, lists and errors', () => {
    expect(thrownAcross({ code: 3, inner: [new RangeError('r')] })).toEqual({ code: 3, inner: [new RangeError('r')] });
    expect(thrownAcross(new TypeError('t'))).toBeInstanceOf(TypeError);
    expect(thrownAcross(new URL('https://example.org'))).toEqual(new URL('https://example.org'));
  });

  it.each([
    ['a function', () => 1, 'is a function'],
    ['a symbol', Symbol('s'), 'Symbol(s) is a symbol'],
    ['a Proxy', new Proxy({}, {}), 'it is a Proxy'],
    ['a Proxy of an error', new Proxy(new Error('e'), {}), 'it is a Proxy'],
    ['a Promise', Promise.resolve(1), 'Promise objects cannot be copied'],
  ])('is a SerializationError that shows it where it cannot be copied: %s', (_, value, reason) => {
    const error = thrownAcross(value);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: 'thrown', path: 'error', code: 'ERR_SERIALIZATION' });
    expect((error as Error).message).toContain(reason);
  });

  it('is named by its place where only a part cannot be copied', () => {
    expect(thrownAcross({ db: { query: () => 1 } })).toMatchObject({ direction: 'thrown', path: 'error.db.query' });
  });

  it('arrives even when everything about it throws', () => {
    const trap = (): never => {
      throw new Error('trap');
    };
    const traps = Object.fromEntries(
      ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'].map((name) => [name, trap]),
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const value of [new Proxy({}, traps), new Proxy(() => {}, traps), proxy])
      expect(thrownAcross(value)).toBeInstanceOf(SerializationError);
  });

  it('is recorded as it was then', () => {
    const error = Object.assign(new Error('then'), { state: { step: 1 } });
    const record = recordOf(error);
    error.message = 'later';
    error.state.step = 2;
    expect(thrownFrom(record)).toMatchObject({ message: 'then', state: { step: 1 } });
  });
});
