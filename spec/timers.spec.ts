import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { after } from '#lib/timers.js';

describe('after', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('calls back once, when the time is up', () => {
    const callback = jest.fn();
    after(50, callback);
    jest.advanceTimersByTime(49);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('honours times longer than a timer can hold', () => {
    const callback = jest.fn();
    const long = 2 ** 31 + 5000;
    after(long, callback);
    jest.advanceTimersByTime(long - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be cancelled at any time', () => {
    const callback = jest.fn();
    const cancel = after(2 ** 32, callback);
    jest.advanceTimersByTime(2 ** 31 + 10);
    cancel();
    jest.advanceTimersByTime(2 ** 33);
    expect(callback).not.toHaveBeenCalled();
  });

  it('sets no timer for Infinity', () => {
    after(Infinity, () => {});
    expect(jest.getTimerCount()).toBe(0);
  });
});
