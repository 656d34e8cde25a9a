import { describe, expect, it } from '@jest/globals';
import { summaryText } from '#lib/cli/map/summary.js';

describe('the summary of forkpool map', () => {
  it('says how many items ran at once, which is no speed-up where they keep each other waiting', () => {
    const text = summaryText({
      done: 8,
      failed: 0,
      notDone: 0,
      before: 2,
      wall: 2000,
      cpu: 4000,
      running: 16_000,
      slowest: [{ place: 'items.jsonl:3', ms: 2000 }],
      firstFailure: undefined,
    });
    expect(text).toBe(
      '8 items in 2.0 s (4.0/s), 0 failed, 2 were done before\n' +
        'CPU time 4.0 s; 8.0 items at once on average\n' +
        'slowest: items.jsonl:3 2.0 s\n',
    );
  });
});
