import { describe, expect, it } from '@jest/globals';
import { transfer } from 'forkpool';
import { movesIn, movesOf } from '#lib/wire/moves.js';
import { range, thrown } from '../helpers.js';

const bytesOf = (length: number, value = 1): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);
const moving = <T extends ArrayBufferView<ArrayBuffer>>(view: T): T => transfer(view, [view.buffer]);

describe('transfer', () => {
  it('returns the value itself, marked', () => {
    const bytes = bytesOf(8);
    expect(transfer(bytes, [bytes.buffer])).toBe(bytes);
    expect([...movesOf([bytes, 1, null, {}])]).toEqual([bytes.buffer]);
    expect(transfer('text', [])).toBe('text');
  });

  it('is heeded wherever the value is', () => {
    const [one, two, three, four] = range(4).map((n) => moving(bytesOf(n + 1)));
    const circle: unknown[] = [{ one }, new Map([[two, [three]]]), new Set([{ deep: { four } }])];
    circle.push(circle);
    expect(movesOf([circle]).size).toBe(4);
  });

  it('is looked for without a care for what cannot be read', () => {
    const broken = {
      get bad(): never {
        throw new Error('unreadable');
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(movesOf([broken, proxy]).size).toBe(0);
  });

  it('marks anew what is marked again', () => {
    const value = { bytes: bytesOf(1) };
    transfer(value, [value.bytes.buffer]);
    value.bytes = bytesOf(2);
    transfer(value, [value.bytes.buffer]);
    expect([...movesOf([value])]).toEqual([value.bytes.buffer]);
  });

  it.each<[string, () => unknown, string]>([
    ['a list that is none', () => transfer({}, 1 as never), 'Expected `list` to be an array of ArrayBuffers and'],
    [
      'a view',
      () => transfer({}, [bytesOf(1) as never]),
      'to be an ArrayBuffer or a MessagePort (of a view, its `buffer`)',
    ],
    [
      'shared memory',
      () => transfer({}, [new SharedArrayBuffer(1) as never]),
      'Expected `list[0]` to be an ArrayBuffer',
    ],
    ['an object', () => transfer({}, [new ArrayBuffer(1), {} as never]), 'Expected `list[1]` to be an ArrayBuffer'],
    ['undefined', () => transfer({}, [undefined as never]), 'Expected `list[0]` to be an ArrayBuffer'],
    ['a value that can hold nothing', () => transfer(1, [new ArrayBuffer(1)]), 'Expected `value` to be an object that'],
  ])('refuses %s', (_, call, message) => {
    expect(thrown(call)).toMatchObject({ name: 'TypeError', message: expect.stringContaining(message) });
  });

  it('refuses the same thing twice, and says where', () => {
    const { buffer } = bytesOf(1);
    expect(thrown(() => transfer({}, [new ArrayBuffer(1), buffer, buffer]))).toMatchObject({
      name: 'TypeError',
      message: 'Expected each of `list` once, but list[2] is list[1] again',
    });
  });

  it('is heeded for arguments, items, results and reports, and not for initargs, which each worker needs', () => {
    const [one, two, three, four] = range(4).map((n) => moving(bytesOf(n + 1)));
    const chunk = { first: 1, functionId: 1, index: 0, attempt: 1, exact: false, timed: false };
    const chunks = [
      { ...chunk, spread: false, items: [one, 1] },
      { ...chunk, spread: true, items: [[two, three]] },
    ];
    expect(movesIn({ type: 'run', functions: [], chunks }).size).toBe(3);
    const run = { first: 1, values: [one, four], errors: [], ms: 1 };
    expect(movesIn({ type: 'settled', runs: [run] }).size).toBe(2);
    expect(movesIn({ type: 'reported', task: 1, value: one }).size).toBe(1);
    const setup = { id: 1, kind: 'thread', main: undefined, concurrency: 1, initializer: undefined } as const;
    const rest = { initargs: [one], finalizer: undefined, memoryLimit: undefined };
    expect(movesIn({ type: 'initialise', setup: { ...setup, ...rest } }).size).toBe(0);
    expect(movesIn({ type: 'retire' }).size).toBe(0);
  });
});
