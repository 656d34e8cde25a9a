import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Tally } from '#lib/local/tasks/tally.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a tally', () => {
  it('has counted nothing at first', () => {
    const times = { count: 0, mean: 0, max: 0 };
    expect(new Tally().summary()).toMatchObject({ completed: 0, failed: 0, waitTime: times, runTime: times });
  });

  it('keeps the times that tasks waited apart from those that they ran', () => {
    const tally = new Tally();
    tally.completed = 3;
    tally.failed = 1;
    tally.waitTime.record(5, 4);
    tally.runTime.record(20, 3);
    expect(tally.summary()).toMatchObject({
      completed: 3,
      failed: 1,
      waitTime: { count: 4, mean: 5 },
      runTime: { count: 3, mean: 20 },
    });
  });

  it.each([
    [50, 1, 0.5],
    [50, 2, 0.25],
    [0, 2, 0],
    [300, 2, 1],
  ])('tells %d ms of work in 100 ms of %d workers as a share of %d', (busyMs, workers, share) => {
    const tally = new Tally();
    jest.advanceTimersByTime(100);
    expect(tally.utilization(busyMs, workers)).toBeCloseTo(share);
  });

  it('counts no time after its end, though it is told of that twice', () => {
    const tally = new Tally();
    jest.advanceTimersByTime(100);
    tally.end();
    jest.advanceTimersByTime(1000);
    tally.end();
    expect(tally.utilization(50, 1)).toBeCloseTo(0.5);
  });
});
