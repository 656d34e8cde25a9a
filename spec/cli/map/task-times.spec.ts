import { describe, expect, it } from '@jest/globals';
import { TaskTimes } from '#lib/cli/map/task-times.js';

describe('the slowest tasks', () => {
  const slowest = (...settled: Parameters<TaskTimes['settled']>[0][]): unknown => {
    const times = new TaskTimes((nth) => `line ${nth + 1}`);
    for (const message of settled) times.settled(message);
    return times.slowest.map(({ place, ms }) => [place, ms]);
  };

  it('are three, the longest first', () => {
    const ms = [5, 40, 10, 30, 1];
    expect(slowest(...ms.map((each, index) => ({ job: 1, index, count: 1, ms: each })))).toEqual([
      ['line 2', 40],
      ['line 4', 30],
      ['line 3', 10],
    ]);
  });

  it('have equal parts of the time where they were answered together, and are known by the first', () => {
    expect(slowest({ job: 1, index: 7, count: 20, ms: 10 }, { job: 1, index: 27, count: 1, ms: 3 })).toEqual([
      ['line 28', 3],
      ['line 8', 0.5],
    ]);
  });

  it('are those that have answered, with errors too', () => {
    const error = new Error('no');
    expect(slowest({ job: 1, index: 0, count: 1, error }, { job: 1, index: 1, count: 1, ms: 2, error })).toEqual([
      ['line 2', 2],
    ]);
  });
});
