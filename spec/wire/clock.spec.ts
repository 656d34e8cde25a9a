import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '#lib/wire/clock.js';

describe('the clock', () => {
  it('counts ms, and never goes back', async () => {
    const [start, before] = [now(), performance.now()];
    await sleep(20);
    const [end, after] = [now(), performance.now()];
    // The two are read one after the other: what comes between is no fault of either.
    expect(Math.abs(end - start - (after - before))).toBeLessThan(10);
    expect(now()).toBeGreaterThanOrEqual(end);
  });
});
