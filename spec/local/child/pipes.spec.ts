import { describe, expect, it } from '@jest/globals';
import { Pool } from 'forkpool';
import { square } from '../../fixtures/tasks.js';
import { rejection, temporaryFiles, until } from '../../helpers.js';
import { poolsOf } from '../../pools.js';

const make = poolsOf();
const file = temporaryFiles();

/** The descriptors of a child's pipes where its `stdio` is the default. */
const [DOWN, UP] = [4, 5];

const write = (fd: number, data: string): number => process.getBuiltinModule('node:fs').writeSync(fd, data);
/** An outcome could arrive together with what was written, and would be kept. */
const writeAndWait = (fd: number, data: string): Promise<void> => {
  process.getBuiltinModule('node:fs').writeSync(fd, data);
  return new Promise((resolve) => setTimeout(resolve, 60_000));
};
const shut = (fd: number): void => process.getBuiltinModule('node:fs').closeSync(fd);
/** As code does that closes a descriptor twice: the next file has its number. */
const replace = (fd: number, path: string): number => {
  const fs = process.getBuiltinModule('node:fs');
  fs.closeSync(fd);
  return fs.openSync(path, 'w');
};

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

describe('a child whose task writes a message to the pipe of its reports', () => {
  /** Behind a header: its length, no views, and that it is JSON. */
  const framed = (text: string): string => `${String.fromCharCode(text.length)}\0\0\0\0\0\x01\0${text}`;

  it.each(['null', '5', '[1,2,3]', '{"type":"nonsense"}', '{"type":"settled"}', '{"type":"online"}'])(
    'is lost with that task, if it is no report of a worker at work: %s',
    async (text) => {
      const pool = make(Pool, 1);
      expect(await rejection(pool.apply(writeAndWait, [UP, framed(text)]))).toMatchObject({ code: 'ERR_WORKER_LOST' });
      expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    },
  );
});

describe('a child whose task opens a file in place of the pipe of its reports', () => {
  it('is lost with that task, and nobody waits for ever', async () => {
    const pool = make(Pool, 1);
    expect(await rejection(pool.apply(replace, [UP, file('own.txt')]))).toMatchObject({ code: 'ERR_WORKER_LOST' });
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
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
