import { describe, expect, it } from '@jest/globals';
import { availableParallelism } from 'node:os';
import { parallelism, quota } from '#lib/local/machine/parallelism.js';

/** The quota in a file system of these files. */
const quotaIn = (files: Record<string, string>): number => quota((path) => files[path]);

describe('parallelism', () => {
  it('is a whole number of CPUs, at least 1, and no more than this process may use', () => {
    expect(parallelism()).toBeGreaterThanOrEqual(1);
    expect(parallelism()).toBeLessThanOrEqual(availableParallelism());
    expect(Number.isInteger(parallelism())).toBe(true);
  });
});

describe('the quota of a control group', () => {
  it('is Infinity where there are no control groups', () => {
    expect(quotaIn({})).toBe(Infinity);
  });

  it('is read from cpu.max in version 2', () => {
    expect(quotaIn({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '250000 100000\n' })).toBe(2.5);
  });

  it('is Infinity for a cpu.max of max', () => {
    expect(quotaIn({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(Infinity);
  });

  it('is the least of a group and those it is in', () => {
    const files = {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/a/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/cpu.max': '400000 100000\n',
    };
    expect(quotaIn(files)).toBe(1.5);
  });

  it('is read from cpu.cfs_quota_us in version 1', () => {
    const files = {
      '/proc/self/cgroup': '5:memory:/x\n4:cpu,cpuacct:/docker/abc\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    };
    expect(quotaIn(files)).toBe(3);
  });

  it('is Infinity for a quota of -1 in version 1', () => {
    const files = {
      '/proc/self/cgroup': '4:cpu:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    expect(quotaIn(files)).toBe(Infinity);
  });
});
