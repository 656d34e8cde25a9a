import { describe, expect, it } from '@jest/globals';
import { SingleJob } from '#lib/jobs/single.js';
import type { OnReport } from '#lib/jobs/user-job.js';
import { callOf, FakeOwner, FakeSettle } from '../fixtures/fake-owner.js';

function start(onReport?: OnReport): { owner: FakeOwner; settle: FakeSettle<unknown>; job: SingleJob } {
  const owner = new FakeOwner();
  const settle = new FakeSettle<unknown>();
  return { owner, settle, job: new SingleJob(owner, callOf({ single: true, spread: true }), [1, 2], settle, onReport) };
}

describe('a single job', () => {
  it('is one task, which is taken once', () => {
    const { job } = start();
    expect([job.open, job.busy, job.waiting]).toEqual([true, true, 1]);
    expect(job.take()).toMatchObject({ job, index: 0, attempt: 1, items: [[1, 2]] });
    expect([job.open, job.busy, job.waiting, job.take()]).toEqual([true, true, 0, undefined]);
  });

  it('settles with the value of its task', () => {
    const { owner, settle, job } = start();
    job.take();
    job.fulfilled(0, ['value']);
    job.progressed();
    expect(settle.outcomes).toEqual([{ value: 'value' }]);
    expect([job.open, job.busy, owner.said, owner.endedWith]).toEqual([false, false, ['ended'], [undefined]]);
  });

  it('settles with the error of its task', () => {
    const { owner, settle, job } = start();
    job.take();
    job.rejected(0, 'error');
    expect([settle.outcomes, owner.said, owner.endedWith]).toEqual([[{ error: 'error' }], ['ended'], ['error']]);
  });

  it.each(['fail', 'abort'] as const)(
    'settles at once when it is given up by %s, and gives nothing away any more',
    (how) => {
      const { owner, settle, job } = start();
      job[how]('reason');
      expect(settle.outcomes).toEqual([{ error: 'reason' }]);
      expect([job.open, job.waiting, job.take()]).toEqual([false, 0, undefined]);
      expect(owner.said).toEqual(['ended', how === 'fail' ? 'withdraw' : 'abort']);
    },
  );

  it('settles once, whatever comes', () => {
    const { owner, settle, job } = start();
    job.take();
    job.abort('first');
    job.fulfilled(0, ['second']);
    job.rejected(0, 'third');
    job.fail('fourth');
    job.withdrawn();
    expect(settle.outcomes).toEqual([{ error: 'first' }]);
    expect(owner.said.filter((what) => what === 'ended')).toHaveLength(1);
  });

  it('hands on what its task reports, until it is settled', () => {
    const told: unknown[][] = [];
    const { job } = start((...report) => told.push(report));
    job.take();
    job.reported(0, 2, 'half');
    job.fulfilled(0, ['value']);
    job.reported(0, 2, 'late');
    expect(told).toEqual([['half', { index: 0, attempt: 2 }]]);
  });

  it('fails with what onReport throws', () => {
    const { settle, job } = start(() => {
      throw new Error('not interested');
    });
    job.take();
    job.reported(0, 1, 'half');
    expect(settle.outcomes).toEqual([{ error: expect.objectContaining({ message: 'not interested' }) }]);
  });
});
