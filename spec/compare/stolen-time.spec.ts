import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { between, cpuTimes, cpuTimesHere, stolenOf, threadName } from '#lib/compare/stolen-time.js';
import { killsWhatIsLeft, onLinux } from '../helpers.js';

const kept = killsWhatIsLeft();

onLinux.describe('CPU times', () => {
  it('have this thread, which has used some', () => {
    const { usedMs = 0, waitedMs = -1 } = cpuTimesHere().get(threadName()) ?? {};
    expect(usedMs).toBeGreaterThan(0);
    expect(waitedMs).toBeGreaterThanOrEqual(0);
  });

  it('have the other threads of this program', async () => {
    const tells = `
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => {});
      parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
    `;
    const worker = new Worker(tells, { eval: true });
    const [thread] = (await once(worker, 'message')) as [string];
    expect(cpuTimes().has(thread)).toBe(true);
    expect(cpuTimesHere().has(thread)).toBe(true);
    await worker.terminate();
  });

  it('have what a thread of libuv computes', async () => {
    const before = cpuTimesHere();
    await promisify(pbkdf2)('a', 'b', 50_000, 64, 'sha512');
    const after = cpuTimesHere();
    const others = between(before, after, (thread) => thread !== threadName());
    expect(Math.max(...[...others.values()].map(({ usedMs }) => usedMs))).toBeGreaterThan(5);
  });

  it('have the processes that were forked, save where only this program is asked for', async () => {
    const child = kept(spawn('sleep', ['60']));
    const thread = `${child.pid}/task/${child.pid}`;
    expect(cpuTimes().has(thread)).toBe(true);
    expect(cpuTimesHere().has(thread)).toBe(false);
    child.kill();
    await once(child, 'exit');
  });
});

describe('between two readings', () => {
  it('lie the times of those that are meant, of one that came later all of it, and none of one that has ended', () => {
    const before = new Map([
      ['old', { usedMs: 10, waitedMs: 1 }],
      ['ended', { usedMs: 500, waitedMs: 500 }],
    ]);
    const after = new Map([
      ['old', { usedMs: 30, waitedMs: 3 }],
      ['new', { usedMs: 5, waitedMs: 7 }],
      ['strange', { usedMs: 100, waitedMs: 100 }],
    ]);
    expect(between(before, after, (thread) => thread !== 'strange')).toEqual(
      new Map([
        ['old', { usedMs: 20, waitedMs: 2 }],
        ['new', { usedMs: 5, waitedMs: 7 }],
      ]),
    );
  });
});

describe('the time that others took', () => {
  const time = (usedMs: number, waitedMs: number) => ({ usedMs, waitedMs });
  const idle = time(0, 0);

  it.each([
    ['what the loop waited', { loop: time(60, 40) }, 40],
    ['what threads waited that compute for the loop', { loop: time(2, 1), one: time(30, 20), other: time(30, 15) }, 36],
    ['not what a helper waited that hardly computes', { loop: time(50, 20), helper: time(1, 30) }, 20],
    ['no more than is left when they have computed in turns', { loop: time(30, 30), thread: time(30, 30) }, 40],
    ['not what threads that compute at once wait for each other', { loop: time(10, 2), a: time(99, 99), b: idle }, 2],
    ['of several workers a mean', { loop: time(70, 30), second: time(50, 50) }, 40],
    ['nothing where the system does not tell', {}, 0],
  ])('is %s', (_title, spent, stolen) => {
    const loops = new Set('second' in spent ? ['loop', 'second'] : ['loop']);
    expect(stolenOf(new Map(Object.entries(spent)), loops, 100)).toBeCloseTo(stolen);
  });

  it('is none where no worker is known', () => {
    expect(stolenOf(new Map(), new Set(), 100)).toBe(0);
  });
});
