import { describe, expect, it } from '@jest/globals';
import { keptIn, KeptOutcomes } from '#lib/wire/kept-outcomes.js';
import { NO_COPY } from '#lib/wire/own-copy.js';
import { range } from '../helpers.js';

function keep(values: readonly unknown[], size = 4096): { outcomes: KeptOutcomes; room: Buffer; kept: boolean[] } {
  const room = Buffer.alloc(size);
  const outcomes = new KeptOutcomes(room);
  const kept = values.map((value, at) => outcomes.add(7, value, at + 0.5) !== NO_COPY);
  return { outcomes, room, kept };
}

describe('outcomes that are kept', () => {
  it('are found as they were, with the number of the first and the ms of all', () => {
    const primitives = [1, 0.1 + 0.2, -1e300, '', 'grün 🌲 \ud800 "\\\n', true, false, null, undefined];
    const plain = [...primitives, {}, [], [[]], { a: [1, { b: null }], '': '{}' }, undefined];
    const { outcomes, room, kept } = keep(plain);
    expect(kept).toEqual(plain.map(() => true));
    expect(keptIn(room, outcomes.bytes)).toStrictEqual({ first: 7, values: plain, errors: [], ms: plain.length - 0.5 });
  });

  it.each([
    ['a date', new Date(0)],
    ['NaN', Number.NaN],
    ['-0 in a list', [-0]],
    ['undefined in an object', { a: undefined }],
    ['a long string', 'x'.repeat(1000)],
    ['more than the room', range(200).map(() => 0.1 + 0.2)],
  ])('are not %s', (_, value) => {
    const { outcomes, room, kept } = keep([1, value, 2]);
    expect(kept).toEqual([true, false, true]);
    expect(keptIn(room, outcomes.bytes)?.values).toEqual([1, 2]);
  });

  it('are no objects where all of them have a JSON of their own', () => {
    const every: object = Array.prototype;
    Object.defineProperty(every, 'toJSON', { configurable: true, value: () => 'a list' });
    try {
      expect(keep([[1], { list: [1] }, 1]).kept).toEqual([false, false, true]);
    } finally {
      Reflect.deleteProperty(every, 'toJSON');
    }
  });

  it('are no part of what the task returned', () => {
    const value = { list: [1] };
    const outcomes = new KeptOutcomes(Buffer.alloc(4096));
    const own = outcomes.add(7, value, 1);
    value.list.push(2);
    expect(own).toEqual({ list: [1] });
  });

  it('are as many as there is room for', () => {
    const { outcomes, room, kept } = keep(Array<string>(100).fill('€'.repeat(30)), 1024);
    const count = kept.indexOf(false);
    expect(count).toBeGreaterThan(5);
    expect(new Set(kept.slice(count))).toEqual(new Set([false]));
    expect(keptIn(room, outcomes.bytes)?.values).toHaveLength(count);
  });

  it('are none when they have been sent, and none at first', () => {
    const { outcomes, room } = keep([1, 2]);
    outcomes.drop();
    expect(keptIn(room, outcomes.bytes)).toBeUndefined();
    expect(outcomes.add(9, 'next', 1)).toBe('next');
    expect(keptIn(room, outcomes.bytes)).toEqual({ first: 9, values: ['next'], errors: [], ms: 1 });
    expect(keptIn(Buffer.alloc(64), 0)).toBeUndefined();
  });

  it('are none where a task has written over them', () => {
    const { outcomes, room } = keep([1, 2]);
    room.write('[[[', 16);
    expect(keptIn(room, outcomes.bytes)).toBeUndefined();
  });
});
