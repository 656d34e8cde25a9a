import { describe, expect, it } from '@jest/globals';
import { nameOf } from '#lib/compare/contender.js';
import { plan, type Probe, type Wishes } from '#lib/compare/plan.js';

const wishes: Wishes = {
  pools: ['process', 'thread', 'async'],
  processes: undefined,
  concurrency: undefined,
  rounds: 3,
  time: 30_000,
};
const waiting: Probe = { taskMs: 10, cpuShare: 0.05, loopShare: 0.05, startupMs: 50 };
const computing: Probe = { taskMs: 10, cpuShare: 1, loopShare: 1, startupMs: 50 };
const blocking: Probe = { taskMs: 10, cpuShare: 0.05, loopShare: 1, startupMs: 50 };

const names = (probe: Probe, more: Partial<Wishes> = {}, cores = 2): string[] =>
  plan({ ...wishes, ...more }, probe, cores).contenders.map(nameOf);

describe('plan', () => {
  it('tries many tasks at once for work that waits', () => {
    expect(names(waiting, { pools: ['process', 'async'] })).toEqual(
      'Pool of 1,Pool of 2,Pool of 4,Pool of 8,Pool of 2 × 16,AsyncPool of 4,AsyncPool of 16,AsyncPool of 64'.split(
        ',',
      ),
    );
  });

  it('leaves out, for work that computes, what can only wait for a CPU, and says so', () => {
    expect(names(computing, { pools: ['process', 'async'] })).toEqual(
      'Pool of 1,Pool of 2,Pool of 4,AsyncPool of 4'.split(','),
    );
    expect(plan(wishes, computing, 2).notes).toEqual([expect.stringMatching(/^Left out, .*AsyncPool of 64\.$/)]);
  });

  it('leaves out, for work that blocks, many at once in a worker, but not many workers', () => {
    expect(names(blocking, { pools: ['thread'] })).toEqual(['1', '2', '4', '8'].map((size) => `ThreadPool of ${size}`));
  });

  it('goes up to the cores where there are more of them', () => {
    expect(names(computing, { pools: ['process'] }, 12)).toEqual(
      ['1', '2', '4', '8', '12'].map((size) => `Pool of ${size}`),
    );
  });

  it('tries what was asked for, whatever the work is', () => {
    const sizes = { pools: ['process' as const], processes: [3, 16], concurrency: [2] };
    expect(names(computing, sizes)).toEqual(['Pool of 3 × 2', 'Pool of 16 × 2']);
  });

  it('has turns that fit into the time', () => {
    const { turnMs, warmMs, rounds, contenders } = plan(wishes, waiting, 2);
    expect(rounds).toBe(3);
    expect((turnMs + warmMs) * (contenders.length + 1) * rounds).toBeLessThan(wishes.time);
    expect(turnMs).toBeGreaterThan(150);
  });

  it('has fewer rounds when tasks are long, and then fewer contenders', () => {
    const long = plan({ ...wishes, pools: ['process'] }, { ...computing, taskMs: 3000 }, 2);
    expect(long.rounds).toBe(1);
    const longer = plan({ ...wishes, pools: ['process'] }, { ...computing, taskMs: 9000 }, 2);
    expect(longer.contenders.map(nameOf)).toEqual(['Pool of 1', 'Pool of 2']);
    expect(longer.notes.at(-1)).toBe('Pool of 4 was left out: no time, at 9.00 s a task and 50.0 ms a start.');
  });

  it('keeps, where starts take long, what needs none for work that waits, and several cores for work that computes', () => {
    const short = { rounds: 1, time: 6000 };
    const asyncPools = ['AsyncPool of 4', 'AsyncPool of 16', 'AsyncPool of 64'];
    expect(names({ ...waiting, startupMs: 1500 }, short)).toEqual(expect.arrayContaining(asyncPools));
    expect(names({ ...computing, startupMs: 1500 }, short)).toEqual(['Pool of 2', 'ThreadPool of 2', 'AsyncPool of 4']);
    expect(names({ ...computing, startupMs: 5000 }, short)).toEqual(['Pool of 2']);
  });

  it('keeps, where starts take long, many workers for work that blocks, and shows that the event loop does not help', () => {
    const sizes = { processes: [1, 4], concurrency: [1, 4], rounds: 1, time: 4000 };
    expect(names({ taskMs: 50, cpuShare: 0.04, loopShare: 1, startupMs: 200 }, sizes)).toEqual(
      expect.arrayContaining(['Pool of 4', 'ThreadPool of 4', 'AsyncPool of 1']),
    );
  });

  it('keeps one contender that can help and for which there is time, and one that shows what cannot', () => {
    const short = { rounds: 1, time: 30_000 };
    expect(names({ ...blocking, startupMs: 10_000 }, short)).toEqual(['Pool of 2', 'AsyncPool of 4']);
    expect(names({ ...blocking, startupMs: 200 }, { processes: [4, 64], rounds: 1, time: 4000 })).toEqual(
      expect.arrayContaining(['Pool of 4', 'ThreadPool of 4', 'AsyncPool of 4']),
    );
  });

  it('keeps an event loop for work that waits, however long its tasks take', () => {
    const long = names({ ...waiting, taskMs: 8000 }, { rounds: 1 });
    expect(long).toContain('AsyncPool of 16');
  });

  it('keeps one contender, however long a task takes', () => {
    expect(names({ ...computing, taskMs: 1e6 })).toHaveLength(1);
  });

  it('does not warm up with tasks that are longer than a turn', () => {
    expect(plan(wishes, { ...computing, taskMs: 5000 }, 2).warmMs).toBe(0);
  });
});
