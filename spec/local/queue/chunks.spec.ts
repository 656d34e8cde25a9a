import { describe, expect, it } from '@jest/globals';
import { countOf, shared, singly, slice, type LocalChunk } from '#lib/local/queue/chunks.js';
import { FakeJob } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

/** The tasks 10 to 14 of a job, at their second attempt. */
function chunk(): LocalChunk {
  return { job: new FakeJob([]), index: 10, attempt: 2, items: ['a', 'b', 'c', 'd', 'e'], since: 7 };
}

describe('a slice', () => {
  it.each<[number, number | undefined, number, string[]]>([
    [0, 2, 10, ['a', 'b']],
    [1, 3, 11, ['b', 'c']],
    [3, undefined, 13, ['d', 'e']],
    [5, undefined, 15, []],
  ])('from %d up to %p begins with task %d, and has %p', (start, end, index, items) => {
    expect(slice(chunk(), start, end)).toMatchObject({ index, items });
  });

  it('keeps all else that is known of its chunk, and leaves the chunk as it was', () => {
    const whole = chunk();
    expect(slice(whole, 1, 2)).toEqual({ ...whole, index: 11, items: ['b'] });
    expect(whole).toMatchObject({ index: 10, items: { length: 5 } });
  });
});

describe('a shared chunk', () => {
  it('has one more part with each cut, and all of its parts count down the same number', () => {
    const half = shared(chunk());
    expect(half.parts).toEqual({ left: 2 });
    const quarter = shared(slice(half, 0, 2));
    expect(quarter.parts).toEqual({ left: 3 });
    expect(quarter.parts).toBe(half.parts);
  });
});

describe('tasks taken singly', () => {
  it('are chunks of one, in order', () => {
    expect(singly(chunk()).map(({ index, items }) => ({ index, items }))).toEqual([
      { index: 10, items: ['a'] },
      { index: 11, items: ['b'] },
      { index: 12, items: ['c'] },
      { index: 13, items: ['d'] },
      { index: 14, items: ['e'] },
    ]);
  });

  it('leave a chunk of one as it is', () => {
    const one = slice(chunk(), 0, 1);
    expect(singly(one)[0]).toBe(one);
  });
});

describe('the count of chunks', () => {
  it.each([[[], 0] as const, [[3], 3] as const, [[3, 0, 4], 7] as const])('of %j tasks is %d', (sizes, count) => {
    expect(countOf(sizes.map((size) => ({ ...chunk(), items: range(size) })))).toBe(count);
  });
});
