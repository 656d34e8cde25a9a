import { describe, expect, it } from '@jest/globals';
import { areChanged, copiesOf, freshItems } from '#lib/compare/fresh-items.js';

const plenty = { ms: 60_000, atLeast: 1, atMost: 5 };

describe('freshItems', () => {
  it('are copies in a circle, and no two share anything', () => {
    const items = [{ list: [1] }, new Uint8Array([2])];
    const copies = freshItems(items, plenty) as [{ list: number[] }, Uint8Array, { list: number[] }, Uint8Array];
    expect(copies).toHaveLength(5);
    copies[0].list.push(9);
    copies[1][0] = 9;
    expect(copies.slice(2, 4)).toEqual(items);
    expect(items).toEqual([{ list: [1] }, new Uint8Array([2])]);
  });

  it('are as many as there must be when there is no time', () => {
    expect(freshItems([1], { ms: 0, atLeast: 3, atMost: 5 })).toEqual([1, 1, 1]);
  });

  it('are few where they are large', () => {
    expect(freshItems([Buffer.alloc(40 * 2 ** 20)], plenty)).toHaveLength(2);
  });
});

describe('areChanged', () => {
  it('is true of copies of which one is no longer like its item', () => {
    const items = copiesOf([
      [2, 1],
      [4, 3],
    ]);
    const copies = freshItems(items, plenty) as number[][];
    expect(areChanged(copies, items)).toBe(false);
    copies[3]?.sort((a, b) => a - b);
    expect(areChanged(copies, items)).toBe(true);
  });
});

it('a copy of an object of a class is not changed by that it is of none', () => {
  class Point {
    readonly x = 1;
  }
  const items = [new Point()];
  expect(areChanged(freshItems(items, plenty), items)).toBe(false);
});

describe('copiesOf', () => {
  it('has each item once', () => {
    const items = [{ a: 1 }, 2];
    const copies = copiesOf(items);
    expect(copies).toEqual(items);
    expect(copies[0]).not.toBe(items[0]);
  });
});
