import { describe, expect, it } from '@jest/globals';
import { GroupPlans, isOverlong } from '#workers/group-plans.js';
import { now } from '#lib/wire/clock.js';
import { range } from '../helpers.js';

/** Sizes as they grow with tasks of `ms` each. */
function sizes(ms: number, times: number, bytes = 1): number[] {
  const plans = new GroupPlans();
  return range(times).map(() => {
    const tasks = plans.of(1).size;
    plans.record(1, tasks, ms * tasks, bytes * tasks);
    return tasks;
  });
}

describe('a plan', () => {
  it('is 1 until its tasks are known to be short', () => {
    expect(new GroupPlans().of(1)).toEqual({ size: 1, sharesMark: false });
    expect(sizes(2, 5)).toEqual([1, 1, 1, 1, 1]);
  });

  it('grows fourfold for tiny tasks, up to 256', () => {
    expect(sizes(0.0001, 7)).toEqual([1, 4, 16, 64, 256, 256, 256]);
  });

  it('is what takes 2 ms where each has a mark of its own, as all have that are not tiny', () => {
    const plans = new GroupPlans();
    for (const [ms, tasks] of [
      [0.02, 100],
      [0.1, 20],
      [0.5, 4],
      [0.9, 2],
      [1.1, 1],
      [20, 1],
    ] as const) {
      plans.record(1, 1, ms, 0);
      expect(plans.of(1)).toEqual({ size: tasks, sharesMark: false });
    }
  });

  it('of tasks that turn out to be tiny begins with few', () => {
    const plans = new GroupPlans();
    plans.record(1, 1, 0.03, 0);
    plans.record(1, 66, 0.66, 0);
    expect(plans.of(1)).toEqual({ size: 4, sharesMark: true });
  });

  it('is no more than 1 ms of work', () => {
    expect(Math.max(...sizes(0.01, 20))).toBe(100);
  });

  it('is no more than 256 KiB of outcomes', () => {
    expect(Math.max(...sizes(0.0001, 20, 100_000))).toBe(2);
    expect(Math.max(...sizes(0.0001, 20, 1_000_000))).toBe(1);
  });

  it('is 1 again after a long task', () => {
    const plans = new GroupPlans();
    for (let n = 0; n < 10; n++) plans.record(1, plans.of(1).size, 0, 0);
    plans.record(1, 256, 1000, 0);
    expect(plans.of(1).size).toBe(1);
  });

  it('is 1 again after a task that took its time', () => {
    const plans = new GroupPlans();
    for (let n = 0; n < 10; n++) plans.record(1, plans.of(1).size, 0, 0);
    plans.forget(1);
    expect(plans.of(1).size).toBe(1);
  });

  it('is each function’s own', () => {
    const plans = new GroupPlans();
    plans.record(1, 1, 0, 0);
    expect([plans.of(1).size, plans.of(2).size]).toEqual([4, 1]);
  });
});

describe('a group that runs', () => {
  /** After which of its first 40 tasks one is found to have run for too long that began at `start`. */
  const found = (start: number, waiting: number): number[] =>
    range(40)
      .map((n) => n + 1)
      .filter((count) => isOverlong(count, start, waiting));

  it('is looked at after its first task and every fourth that follows, every sixteenth where many wait', () => {
    const longAgo = now() - 1000;
    expect(found(longAgo, 1023)).toEqual([1, 5, 9, 13, 17, 21, 25, 29, 33, 37]);
    expect(found(longAgo, 1024)).toEqual([1, 17, 33]);
  });

  it('goes on while it has run for less than 1 ms', () => {
    const toCome = now() + 60_000;
    expect(found(toCome, 1)).toEqual([]);
  });
});
