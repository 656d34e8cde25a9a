import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Setbacks } from '#lib/local/workforce/setbacks.js';
import { range } from '../../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Setbacks that note how often they said that a pause is over. */
function watched(): { setbacks: Setbacks; resumed: () => number } {
  let resumed = 0;
  return { setbacks: new Setbacks(() => resumed++), resumed: () => resumed };
}

/** The length of the pause that is on, in ms. */
function pauseOf(setbacks: Setbacks): number {
  let ms = 0;
  for (; setbacks.pausing; ms++) jest.advanceTimersByTime(1);
  return ms;
}

/** What is said of a failure, and how long it pauses starts. */
function outcomeOf(setbacks: Setbacks, failed: 'startFailed' | 'failedLate', isAnyAlive = true) {
  const told = setbacks[failed](isAnyAlive);
  return { told, ms: pauseOf(setbacks) };
}

describe.each(['startFailed', 'failedLate'] as const)('%s', (failed) => {
  it('pauses all starts, for twice as long each time in a row, and for 5 s at most', () => {
    const { setbacks } = watched();
    const pauses = range(8).map(() => outcomeOf(setbacks, failed).ms);
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('says once that its pause is over, though it came twice', () => {
    const { setbacks, resumed } = watched();
    setbacks[failed](true);
    setbacks[failed](true);
    jest.advanceTimersByTime(99);
    expect([setbacks.pausing, resumed()]).toEqual([true, 0]);
    jest.advanceTimersByTime(10_000);
    expect([setbacks.pausing, resumed()]).toEqual([false, 1]);
  });

  it.each([
    ['is one too many for the third time in a row, when no worker is alive', false, ['pause', 'pause', 'break']],
    ['is never one too many while a worker is alive', true, ['pause', 'pause', 'pause']],
  ])('%s', (_, isAnyAlive, told) => {
    const { setbacks } = watched();
    expect(told.map(() => outcomeOf(setbacks, failed, isAnyAlive).told)).toEqual(told);
  });

  it('counts as one when it comes several times during a pause', () => {
    const { setbacks } = watched();
    for (let n = 0; n < 5; n++) expect(setbacks[failed](false)).toBe('pause');
    expect(pauseOf(setbacks)).toBe(100);
    expect(outcomeOf(setbacks, failed, false)).toEqual({ told: 'pause', ms: 200 });
  });
});

describe('a worker that gets ready', () => {
  it('ends a row of failed starts', () => {
    const { setbacks } = watched();
    outcomeOf(setbacks, 'startFailed');
    expect(setbacks.probing).toBe(true);
    setbacks.started();
    expect(setbacks.probing).toBe(false);
    expect(outcomeOf(setbacks, 'startFailed').ms).toBe(100);
  });

  it('ends no row of late failures: each of those workers got ready', () => {
    const { setbacks } = watched();
    outcomeOf(setbacks, 'failedLate');
    setbacks.started();
    expect(outcomeOf(setbacks, 'failedLate').ms).toBe(200);
  });
});

describe('setbacks', () => {
  it('are none at first', () => {
    const { setbacks } = watched();
    expect([setbacks.pausing, setbacks.probing]).toEqual([false, false]);
  });

  it('are too many for the last of several that fail late together, when those before it made the row long enough', () => {
    const { setbacks } = watched();
    for (let n = 0; n < 2; n++) outcomeOf(setbacks, 'failedLate');
    // Workers that started together still seem alive when the first of them ends.
    expect([setbacks.failedLate(true), setbacks.failedLate(false)]).toEqual(['pause', 'break']);
  });
});

describe('a worker that dies before it has done anything', () => {
  it('pauses starts from the second in a row on', () => {
    const { setbacks } = watched();
    const pauses = range(4).map(() => {
      setbacks.endedEarly();
      return pauseOf(setbacks);
    });
    expect(pauses).toEqual([0, 100, 200, 400]);
  });

  it('begins a new row after one that has ended well', () => {
    const { setbacks } = watched();
    setbacks.endedEarly();
    setbacks.endedWell();
    setbacks.endedEarly();
    expect(setbacks.pausing).toBe(false);
  });
});
