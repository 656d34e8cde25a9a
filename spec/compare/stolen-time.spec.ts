import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { stolenTime, stolenTimes, threadName } from '#lib/compare/stolen-time.js';
import { onLinux } from '../helpers.js';

onLinux.describe('stolenTimes', () => {
  it('has what this thread says of itself', () => {
    const earlier = stolenTime();
    const stolen = stolenTimes().get(threadName());
    expect(stolen).toBeGreaterThanOrEqual(earlier);
    expect(stolen).toBeLessThanOrEqual(stolenTime());
  });

  it('has the other threads of this program', async () => {
    const tells = `
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => {});
      parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
    `;
    const worker = new Worker(tells, { eval: true });
    const [thread] = (await once(worker, 'message')) as [string];
    expect(stolenTimes().has(thread)).toBe(true);
    await worker.terminate();
  });

  it('has the processes that were forked', async () => {
    const child = spawn('sleep', ['60']);
    expect(stolenTimes().has(`${child.pid}/task/${child.pid}`)).toBe(true);
    child.kill();
    await once(child, 'exit');
  });

  it('has nothing of a thread that is not there', () => {
    expect(stolenTime('0/task/0')).toBe(0);
  });
});
