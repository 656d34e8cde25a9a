import { expect, it } from '@jest/globals';
import { cpuAfter, cpuBefore } from '#bench/cpu.js';
import { onLinux, range } from '../helpers.js';

function usedUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

onLinux.describe('a reading of the CPU time', () => {
  // Many, since the first ones are slow, and a tick may fall into any.
  const readings = range(50);

  it('before the work has the search for children behind it', () => {
    const began = usedUs();
    let afterIt = 0;
    for (const _ of readings) {
      const { masterUs } = cpuBefore();
      afterIt += usedUs() - masterUs;
    }
    expect(afterIt).toBeLessThan((usedUs() - began) / 2);
  });

  it('after the work has the search for children before it', () => {
    const began = usedUs();
    let beforeIt = 0;
    for (const _ of readings) {
      const now = usedUs();
      beforeIt += cpuAfter().masterUs - now;
    }
    expect(beforeIt).toBeLessThan((usedUs() - began) / 2);
  });
});
