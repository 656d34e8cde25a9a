import { describe, expect, it } from '@jest/globals';
import { program, run } from '../fixtures/run-program.js';
import { pid, workerId } from '../fixtures/tasks.js';
import { isAlive, range, until } from '../helpers.js';
import { forked, poolsOf, walled } from '../pools.js';

const make = poolsOf();

describe.each(walled)('%s', (name, Kind) => {
  it('keeps no argument, result or callback of a task that has settled, or of one that was given up', async () => {
    const { stdout, stderr } = await run(['--expose-gc', program('releases.js'), name]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ watched: 15, kept: [] });
  });

  it.each([
    ['arguments of imap', 32, 600],
    ['results of imap, read slowly', 32, 600],
    ['arguments of apply', 64, 1000],
  ])('carries 24 %s of %d MiB without growing by all of it', async (what, sizeMiB, most) => {
    const { stdout, stderr } = await run([program('floods.js'), name, what, String(sizeMiB)]);
    expect(stderr).toBe('');
    const { right, ahead, grewMiB } = JSON.parse(stdout) as { right: number; ahead: number; grewMiB: number };
    expect(right).toBe(24);
    // One more than the buffersize: an item is yielded before the reader hears of it.
    expect(ahead).toBeLessThanOrEqual(5);
    expect(grewMiB).toBeLessThan(most);
  });

  it('replaces a worker that has grown beyond maxMemoryPerChild, and loses nothing', async () => {
    const grow = (bytes: number): number => {
      const kept = ((globalThis as { kept?: unknown[] }).kept ??= []);
      if (bytes > 0) kept.push(Array<number>(bytes / 8).fill(0));
      return bytes;
    };
    const pool = make(Kind, { processes: 1, maxMemoryPerChild: 120 << 20 });
    const before = await pool.apply(workerId);
    const sizes = [0, 0, 160 << 20, 0, 0, 160 << 20, 0];
    expect(await pool.map(grow, sizes, 1)).toEqual(sizes);
    expect(await pool.apply(workerId)).toBe(before + 2);
    expect(pool.stats().replaced).toMatchObject({ maxMemoryPerChild: 2, died: 0 });
  });
});

describe.each(forked)('%s', (_, Kind) => {
  it('leaves no process that was replaced for its memory', async () => {
    const pool = make(Kind, { processes: 1, maxMemoryPerChild: 1 });
    const pids = await pool.map(pid as (item: number) => number, range(4), 1);
    expect(new Set(pids).size).toBe(4);
    await until('they are gone', () => !pids.slice(0, 3).some(isAlive));
  });
});

describe('AsyncPool', () => {
  it('keeps no function that was made for a call, nor what it captures', async () => {
    const { stdout, stderr } = await run(['--expose-gc', program('closures.js')]);
    expect([stdout, stderr]).toEqual(['4950 0 and goes on\n', '']);
  });

  it('keeps nothing of a join whose time is up, however many there were', async () => {
    const { stdout, stderr } = await run(['--expose-gc', program('joins-often.js')]);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeLessThan(50);
  });
});
