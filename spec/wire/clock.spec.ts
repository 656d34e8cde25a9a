import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '#lib/wire/clock.js';

/** What the clock says, and Node's own before and after it: the truth lies between, however late each is read. */
const read = (): readonly [number, number, number] => [performance.now(), now(), performance.now()];

describe('the clock', () => {
  it('counts ms, and never goes back', async () => {
    const [earliestStart, start, latestStart] = read();
    await sleep(20);
    const [earliestEnd, end, latestEnd] = read();
    // Half a ms is for the digits that the two round away.
    expect(end - start).toBeGreaterThan(earliestEnd - latestStart - 0.5);
    expect(end - start).toBeLessThan(latestEnd - earliestStart + 0.5);
    expect(now()).toBeGreaterThanOrEqual(end);
  });
});
