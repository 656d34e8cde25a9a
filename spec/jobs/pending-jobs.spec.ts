import { describe, expect, it } from '@jest/globals';
import { PendingJobs } from '#lib/jobs/pending-jobs.js';
import type { UserJob } from '#lib/jobs/user-job.js';
import { range } from '../helpers.js';

const jobs = (count: number): UserJob[] => range(count).map((id) => ({ id, seat: -1 }) as UserJob);

describe('pending jobs', () => {
  it('are those that were added and not deleted, in the order in which they were made', () => {
    const pending = new PendingJobs();
    const [a, b, c, d] = jobs(4) as [UserJob, UserJob, UserJob, UserJob];
    for (const job of [a, b, c, d]) pending.add(job);
    pending.delete(b);
    expect([...pending]).toEqual([a, c, d]);
    pending.delete(d);
    pending.delete(a);
    expect([[...pending], pending.size]).toEqual([[c], 1]);
    expect([a, b, c, d].map((job) => pending.has(job))).toEqual([false, false, true, false]);
  });

  it('lack nothing after one that was deleted twice, or was never there', () => {
    const pending = new PendingJobs();
    const all = jobs(3);
    const [first, , last] = all as [UserJob, UserJob, UserJob];
    for (const job of all.slice(0, 2)) pending.add(job);
    pending.delete(last);
    pending.delete(first);
    pending.delete(first);
    expect([...pending]).toEqual([all[1]]);
  });

  it('may end and begin while they are gone through', () => {
    const pending = new PendingJobs();
    const [a, b, c] = jobs(3) as [UserJob, UserJob, UserJob];
    pending.add(a);
    pending.add(b);
    const seen: UserJob[] = [];
    for (const job of pending) {
      seen.push(job);
      pending.delete(job);
      if (job === a) pending.add(c);
    }
    expect([seen, [...pending]]).toEqual([[a, b], [c]]);
  });
});
