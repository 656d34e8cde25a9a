import { describe, expect, it } from '@jest/globals';
import { Listeners } from '#lib/jobs/listeners.js';

/** Listeners that note what they hear, and what ended the job. */
function noting() {
  const heard: unknown[] = [];
  const failed: unknown[] = [];
  const onReport = (...report: unknown[]): void => void heard.push(report);
  const onProgress = (progress: unknown): void => void heard.push(progress);
  return { heard, failed, listeners: new Listeners({ onReport, onProgress }, (error) => failed.push(error)) };
}

describe('listeners', () => {
  it('hear a report with its task', () => {
    const { heard, listeners } = noting();
    listeners.reported(3, 1, 'half');
    expect(heard).toEqual([['half', { index: 3, attempt: 1 }]]);
  });

  it('hear of progress once, until more is done or the total is known', () => {
    const { heard, listeners } = noting();
    listeners.progress(1, 0, undefined);
    listeners.progress(1, 0, undefined);
    listeners.progress(2, 1, undefined);
    listeners.progress(2, 1, 2);
    expect(heard).toEqual([
      { done: 1, failed: 0, total: undefined },
      { done: 2, failed: 1, total: undefined },
      { done: 2, failed: 1, total: 2 },
    ]);
  });

  it('need not be there', () => {
    const none = { onReport: undefined, onProgress: undefined };
    const listeners = new Listeners(none, () => expect('not to').toBe('called'));
    listeners.reported(0, 1, 'half');
    listeners.progress(1, 0, 1);
  });

  it('that throw end the job with what they threw', () => {
    const failed: unknown[] = [];
    const onReport = (): never => {
      throw new Error('not interested');
    };
    new Listeners({ onReport, onProgress: undefined }, (error) => failed.push(error)).reported(0, 1, 'half');
    expect(failed).toEqual([expect.objectContaining({ message: 'not interested' })]);
  });
});
