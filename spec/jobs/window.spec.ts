import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Window } from '#lib/jobs/window.js';

let now = 0;
const clock = (): void => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
};
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a window', () => {
  it('doubles when a reader waits after a whole window of items that took under 20 ms', () => {
    clock();
    const window = new Window(32, 4096);
    now += 19;
    expect([window.readerWaits(32), window.size]).toEqual([true, 64]);
    now += 19;
    expect([window.readerWaits(96), window.size]).toEqual([true, 128]);
  });

  it('stays as it is while fewer items than it holds have been read', () => {
    clock();
    const window = new Window(32, 4096);
    expect([window.readerWaits(0), window.readerWaits(31), window.size]).toEqual([false, false, 32]);
  });

  it('stays as it is when its items took 20 ms or longer, and asks anew of those that follow', () => {
    clock();
    const window = new Window(32, 4096);
    now += 20;
    expect([window.readerWaits(32), window.size]).toEqual([false, 32]);
    now += 5;
    expect([window.readerWaits(64), window.size]).toEqual([true, 64]);
  });

  it('never holds more than it may', () => {
    clock();
    const window = new Window(48, 100);
    expect([window.readerWaits(48), window.size]).toEqual([true, 96]);
    expect([window.readerWaits(144), window.size]).toEqual([true, 100]);
    expect([window.readerWaits(1000), window.size]).toEqual([false, 100]);
    expect(new Window(48, 10).size).toBe(48);
  });

  it('of a given size never grows', () => {
    const window = new Window(5);
    expect([window.readerWaits(5), window.size]).toEqual([false, 5]);
  });
});
