import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { after, afterPoll } from '#lib/timers.js';
import { program, run } from './fixtures/run-program.js';

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

describe('afterPoll', () => {
  it('calls back after what has come due at the same time, such as a message that has arrived', async () => {
    const order = await new Promise<string[]>((resolve) => {
      const seen: string[] = [];
      const { port1, port2 } = new MessageChannel();
      port2.on('message', () => seen.push('message'));
      afterPoll(5, () => {
        seen.push('limit');
        port2.close();
        resolve(seen);
      });
      port1.postMessage('the answer');
      // This thread is busy while both come due.
      const end = performance.now() + 30;
      while (performance.now() < end);
    });
    expect(order).toEqual(['message', 'limit']);
  });

  it.each([
    ['before its time', 0],
    ['between its time and the callback', 1],
  ])('can be cancelled %s', (_, ms) => {
    jest.useFakeTimers();
    const callback = jest.fn();
    const cancel = afterPoll(1, callback);
    jest.advanceTimersByTime(ms);
    cancel();
    jest.advanceTimersByTime(100);
    jest.useRealTimers();
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('the timers of a pool', () => {
  it.each(['before', 'after'])('are not the global ones, which were replaced %s it was imported', async (when) => {
    const { code, stdout, stderr } = await run([program('fake-timers.js'), when]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter(Boolean)).toEqual(
      ['Pool', 'ThreadPool', 'AsyncPool'].map((name) => `${name}: 2, 2,3, TimeoutError, a fake one, closed`),
    );
  });
});
