import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { showMapProgress, type MapProgress } from '#lib/cli/map/progress.js';

const PROGRESS = {
  done: 1200,
  failed: 3,
  before: 0,
  inFlight: 0,
  read: undefined,
  stats: {
    workers: { starting: 0, ready: 1, busy: 3, retiring: 0 },
    replaced: { maxtasksperchild: 2, maxMemoryPerChild: 0, timeout: 0, aborted: 0, died: 0, startFailed: 0 },
  },
} as unknown as MapProgress;

describe('the progress of forkpool map, where stderr is no terminal', () => {
  const lines: string[] = [];
  const { isTTY } = process.stderr;
  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    process.stderr.isTTY = false;
    lines.length = 0;
  });
  afterEach(() => {
    process.stderr.isTTY = isTTY;
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('is a plain line after 10 s, and then less and less often, but once a minute', () => {
    const progress = showMapProgress(() => PROGRESS);
    const at: number[] = [];
    for (let second = 1; second <= 200; second++) {
      const before = lines.length;
      jest.advanceTimersByTime(1000);
      if (lines.length > before) at.push(second);
    }
    progress.stop();
    expect(at).toEqual([10, 30, 70, 130, 190]);
    expect(lines[0]).toBe('forkpool: 1,200 done, 3 failed, 120/s, 3/4 busy, 2 replaced\n');
  });

  it('says how long it will take, as far as it goes on as it did', () => {
    let read = 0.2;
    const progress = showMapProgress(() => ({ ...PROGRESS, read }));
    read = 0.4;
    jest.advanceTimersByTime(10_000);
    progress.stop();
    // A fifth took 10 s, and three are left.
    expect(lines).toEqual(['forkpool: 1,200 done, 3 failed, 120/s, 30.0 s left, 3/4 busy, 2 replaced\n']);
  });

  it('counts what is done of all that was read, where a run goes on after another', () => {
    // Of 1000 items; five are with the workers.
    let now = { before: 900, done: 10, inFlight: 5, read: 0.915 };
    const progress = showMapProgress(() => ({ ...PROGRESS, ...now, failed: 0 }));
    now = { ...now, done: 30, read: 0.935 };
    jest.advanceTimersByTime(10_000);
    progress.stop();
    // Twenty took 10 s, and seventy are left.
    expect(lines).toEqual([expect.stringContaining('30 done, 3.0/s, 35.0 s left')]);
  });

  it('ends with the run', () => {
    showMapProgress(() => PROGRESS).stop();
    jest.advanceTimersByTime(100_000);
    expect(lines).toEqual([]);
  });
});
