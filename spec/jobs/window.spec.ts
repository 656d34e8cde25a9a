import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Window } from '#lib/jobs/window.js';

let now = 0;
beforeEach(() => {
  jest.spyOn(process.hrtime, 'bigint').mockImplementation(() => BigInt(now) * 1_000_000n);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Its sizes after so many ms each, when so many items have been read in all, by a reader that waits or does not. */
function sizes(window: Window, ...asked: readonly [ms: number, read: number, waits: boolean][]): number[] {
  return asked.map(([ms, read, waits]) => {
    now += ms;
    const before = window.size;
    expect(window.asked(read, waits)).toBe(window.size > before);
    return window.size;
  });
}

describe('a window', () => {
  it('doubles when a reader waits after a whole window of items that took under 20 ms', () => {
    expect(sizes(new Window(32, 4096), [19, 32, true], [19, 96, true])).toEqual([64, 128]);
  });

  it('stays as it is while fewer items than it holds have been read, or nobody waits', () => {
    expect(sizes(new Window(32, 4096), [0, 0, true], [0, 31, true], [0, 32, false])).toEqual([32, 32, 32]);
  });

  it('stays as it is when its items took 20 ms or longer, and asks anew of those that follow', () => {
    expect(sizes(new Window(32, 4096), [20, 32, true], [5, 64, true])).toEqual([32, 64]);
  });

  it('halves each time that 200 ms were too few to read it, down to what it began with', () => {
    const window = new Window(24, 4096);
    expect(sizes(window, [1, 24, true], [1, 72, true])).toEqual([48, 96]);
    expect(sizes(window, [199, 80, false], [1, 81, false], [200, 82, true], [200, 83, false])).toEqual([
      96, 48, 24, 24,
    ]);
  });

  it('stays as it is for a reader that never waits, as long as it reads', () => {
    const window = new Window(32, 64);
    expect(sizes(window, [1, 32, true], [200, 1000, false], [200, 2000, false])).toEqual([64, 64, 64]);
  });

  it('doubles when a whole window was read, however long that took, where what there was ran out meanwhile', () => {
    const window = new Window(16, 1024);
    window.ranOut();
    expect(sizes(window, [500, 15, true], [500, 16, true])).toEqual([16, 32]);
    expect(sizes(window, [100, 48, true])).toEqual([32]);
  });

  it('does not halve while what there was has run out', () => {
    const window = new Window(16, 1024);
    expect(sizes(window, [1, 16, true], [1, 48, true])).toEqual([32, 64]);
    window.ranOut();
    expect(sizes(window, [500, 50, true], [500, 112, true], [200, 113, true])).toEqual([64, 128, 64]);
  });

  it('never holds more than it may', () => {
    expect(sizes(new Window(48, 100), [1, 48, true], [1, 144, true], [1, 1000, true])).toEqual([96, 100, 100]);
    expect(new Window(48, 10).size).toBe(48);
  });

  it('of a given size keeps it', () => {
    expect(sizes(new Window(5), [1, 5, true], [500, 5, true])).toEqual([5, 5]);
  });
});
