import pDefer from 'p-defer';
import { describe, expect, it } from '@jest/globals';
import { Liveness } from '#lib/jobs/liveness.js';
import { PendingJobs } from '#lib/jobs/pending-jobs.js';
import type { UserJob } from '#lib/jobs/user-job.js';

/** Only timers that keep the program alive are active resources. */
const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

/** A pool's jobs, and whether they keep the program alive. */
function stage() {
  const jobs = new PendingJobs();
  const liveness = new Liveness(jobs);
  const before = timers();
  const change = (job: { busy: boolean }): void => liveness.changed(job as UserJob);
  return {
    jobs,
    liveness,
    change,
    begin(busy: boolean): { busy: boolean } {
      const job = { busy, seat: -1 };
      jobs.add(job as unknown as UserJob);
      change(job);
      return job;
    },
    end(job: { busy: boolean }): void {
      jobs.delete(job as UserJob);
      job.busy = false;
      change(job);
    },
    holds: (): boolean => timers() > before,
  };
}

describe('the program', () => {
  it('is kept alive from the beginning of a busy job to its end', () => {
    const { begin, end, holds } = stage();
    expect(holds()).toBe(false);
    const [first, second] = [begin(true), begin(true)];
    end(first);
    expect(holds()).toBe(true);
    end(second);
    expect(holds()).toBe(false);
  });

  it('may end while all jobs are idle, and is kept alive when one is busy again', () => {
    const { begin, change, end, holds } = stage();
    const [first, second] = [begin(true), begin(false)];
    first.busy = false;
    change(first);
    expect(holds()).toBe(false);
    second.busy = true;
    change(second);
    expect(holds()).toBe(true);
    end(second);
    expect(holds()).toBe(false);
  });

  it('is not kept alive by a job that tells of a change after its end', () => {
    const { begin, change, end, holds } = stage();
    const job = begin(true);
    end(job);
    change(job);
    expect(holds()).toBe(false);
    const other = begin(true);
    expect(holds()).toBe(true);
    end(other);
  });

  it('is kept alive until a wait has ended, well or not', async () => {
    const { liveness, holds } = stage();
    const [well, badly] = [pDefer<void>(), pDefer<void>()];
    const waits = [liveness.keepUntil(well.promise), liveness.keepUntil(badly.promise)];
    well.resolve();
    await waits[0];
    expect(holds()).toBe(true);
    badly.reject(new Error('no'));
    await expect(waits[1]).rejects.toThrow('no');
    expect(holds()).toBe(false);
  });

  it('is kept alive by a wait only as long as that says so, though another waits for the same', async () => {
    const { jobs, liveness, begin, end, holds } = stage();
    const { promise, resolve } = pDefer<void>();
    const none = (): boolean => jobs.size === 0;
    const waits = [liveness.keepUntil(promise, none), liveness.keepUntil(promise, none)];
    expect(holds()).toBe(true);
    const idle = begin(false);
    expect(holds()).toBe(false);
    end(idle);
    expect(holds()).toBe(true);
    resolve();
    await Promise.all(waits);
    expect(holds()).toBe(false);
  });
});
