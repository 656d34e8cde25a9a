import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Admission } from '#lib/cli/map/admission.js';

describe('Admission', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('lets in one item for each task that can run at once, while nothing is known of them', () => {
    const admission = new Admission(3);
    const taken = [1, 2, 3].map(() => (admission.open ? admission.take() : 'closed'));
    expect([taken.includes('closed'), admission.open, admission.inFlight]).toEqual([false, false, 3]);
  });

  it('lets in as many more as are answered in a tenth of a second', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const admission = new Admission(2);
    for (let item = 0; item < 102; item++) admission.take();
    for (let item = 0; item < 99; item++) admission.answered();
    now.mockReturnValue(1000);
    admission.answered();
    // 100/s is 10 in a tenth of a second, and 2 are in flight.
    let more = 0;
    for (; admission.open; more++) admission.take();
    expect(more).toBe(10);
  });

  it('lets in nothing while too much waits for one slow item', async () => {
    const admission = new Admission(2);
    admission.waiting(2 ** 26);
    expect(admission.open).toBe(false);
    const opening = admission.opening();
    admission.waiting(0);
    await opening;
    expect(admission.open).toBe(true);
  });

  it('opens with an answer, and when nobody is to wait any more', async () => {
    const admission = new Admission(1);
    admission.take();
    const first = admission.opening();
    admission.answered();
    await first;
    admission.take();
    const second = admission.opening();
    admission.release();
    await second;
    expect(admission.open).toBe(false);
  });
});
