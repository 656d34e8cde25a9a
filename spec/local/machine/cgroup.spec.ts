import { describe, expect, it } from '@jest/globals';
import { controlGroups } from '#lib/local/machine/cgroup.js';

const groupsIn = (lines: string): string[] =>
  controlGroups('memory', (path) => (path === '/proc/self/cgroup' ? lines : undefined)).map(
    ({ version, folder }) => `${version} ${folder}`,
  );

describe('the control groups of this process', () => {
  it('are none where the system has none', () => {
    expect(controlGroups('memory', () => undefined)).toEqual([]);
  });

  it('are its own first, then those around it', () => {
    expect(groupsIn('0::/a/b\n')).toEqual(['2 /sys/fs/cgroup/a/b', '2 /sys/fs/cgroup/a', '2 /sys/fs/cgroup']);
  });

  it('may have colons in their names', () => {
    expect(groupsIn('0::/a:b/c\n')[0]).toBe('2 /sys/fs/cgroup/a:b/c');
    expect(groupsIn('4:memory:/a:b\n')[0]).toBe('1 /sys/fs/cgroup/memory/a:b');
  });

  it('are those of the controller in version 1', () => {
    expect(groupsIn('5:cpu:/x\n4:memory:/docker\n')).toEqual([
      '1 /sys/fs/cgroup/memory/docker',
      '1 /sys/fs/cgroup/memory',
    ]);
  });
});
