import { describe, expect, it } from '@jest/globals';
import { copied, type Numbers } from '#lib/wire/numbers.js';
import { listOf, part } from '#lib/wire/values.js';
import { range } from '../helpers.js';

describe('a part of values', () => {
  it('is packed in the same memory, or a list where it is short', () => {
    const numbers = copied(range(100)) as Numbers;
    const long = part(numbers, 10, 50);
    expect(long).toStrictEqual(numbers.subarray(10, 50));
    expect((long as Numbers).buffer).toBe(numbers.buffer);
    expect([part(numbers, 98, 200), part(numbers, 100, 200)]).toStrictEqual([[98, 99], []]);
    expect(part(['a', 'b', 'c'], 1, 9)).toStrictEqual(['b', 'c']);
  });

  it('is a new list where a list is asked for, packed or not', () => {
    expect(listOf(copied(range(100)), 10, 50)).toStrictEqual(range(100).slice(10, 50));
    const list = ['a', 'b', 'c'];
    expect(listOf(list, 0, 3)).toStrictEqual(list);
    expect(listOf(list, 0, 3)).not.toBe(list);
  });
});
