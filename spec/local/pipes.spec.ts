import { describe, expect, it } from '@jest/globals';
import { Pool } from 'forkpool';
import { square } from '../fixtures/tasks.js';
import { rejection, until } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();

/** The descriptors of a child's pipes where its `stdio` is the default. */
const [DOWN, UP] = [4, 5];

const write = (fd: number, data: string): number => process.getBuiltinModule('node:fs').writeSync(fd, data);
const shut = (fd: number): void => process.getBuiltinModule('node:fs').closeSync(fd);

describe('a child whose task writes to the pipe of its reports', () => {
  const texts = [
    ['a line', 'hello\n'],
    ['one character', 'x'],
    ['more than is read at once', 'hello\n'.repeat(20_000)],
    ['zeros', '\0'.repeat(64)],
  ];

  it.each(texts)('is lost with that task, and nobody waits for ever: %s', async (_title, text) => {
    const pool = make(Pool, 1);
    expect(await rejection(pool.apply(write, [UP, text]))).toMatchObject({
      code: 'ERR_WORKER_LOST',
      suspects: 1,
      cause: { message: expect.stringContaining('no message') },
    });
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(pool.stats().replaced.died).toBe(1);
  });
});

describe('a child whose task writes to the pipe of its commands', () => {
  it('harms nobody', async () => {
    const pool = make(Pool, 1);
    expect(await pool.apply(write, [DOWN, 'hello\n'])).toBe(6);
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(pool.stats().replaced.died).toBe(0);
  });
});

describe('a child whose task has closed the pipe of its', () => {
  it('commands is replaced, also while it has nothing to do', async () => {
    const pool = make(Pool, 1);
    await pool.apply(shut, [DOWN]);
    await until('it is replaced', () => pool.stats().replaced.died === 1);
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
  });

  it('commands is replaced, and what waits for it runs elsewhere', async () => {
    const pool = make(Pool, 1);
    const [, next] = await Promise.all([pool.apply(shut, [DOWN]), pool.apply(square, [2])]);
    expect(next).toBe(4);
  });

  it('reports is lost with that task', async () => {
    const pool = make(Pool, 1);
    expect(await rejection(pool.apply(shut, [UP]))).toMatchObject({ code: 'ERR_WORKER_LOST', suspects: 1 });
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
  });
});
