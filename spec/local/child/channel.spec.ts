import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ChildProcess } from 'node:child_process';
import { Pool } from 'forkpool';
import { square } from '../../fixtures/tasks.js';
import { rejection } from '../../helpers.js';
import { poolsOf } from '../../pools.js';

const make = poolsOf();

afterEach(() => void jest.restoreAllMocks());

/** The descriptor of the IPC channel in a child whose `stdio` is the default. */
const CHANNEL = 3;

describe('a child whose task writes to the descriptor of its IPC channel', () => {
  const texts = [
    ['a line', 'ready\n'],
    ['half a line', '{"half":'],
    ['a message of Node itself', '{"cmd":"NODE_HANDLE","type":"net.Socket"}\n'],
    ['another one', '{"cmd":"NODE_HANDLE_ACK"}\nnull\n'],
    ['zeros', '\0'.repeat(64)],
  ];

  it.each(texts)('harms nobody: %s', async (_title, text) => {
    const pool = make(Pool, 1);
    const write = (fd: number, data: string): number => process.getBuiltinModule('node:fs').writeSync(fd, data);
    expect(await pool.apply(write, [CHANNEL, text])).toBe(text.length);
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(pool.stats().replaced.died).toBe(0);
  });
});

describe('what a task sends by `process.send`', () => {
  it('is for nobody, and is not kept', async () => {
    const emit = jest.spyOn(ChildProcess.prototype, 'emit');
    const pool = make(Pool, 1);
    const sendAndLeave = (): Promise<void> => {
      process.send?.('a step', () => process.disconnect());
      return new Promise(() => {});
    };
    // Its channel ends behind the message.
    expect(await rejection(pool.apply(sendAndLeave))).toMatchObject({ code: 'ERR_WORKER_LOST', exitCode: 0 });
    const emitted = (emit.mock.calls as unknown[][]).map(([name]) => name);
    expect(emitted).toContain('disconnect');
    expect(emitted).not.toContain('message');
  });

  it('may be sockets', async () => {
    const pool = make(Pool, 1);
    const sendServer = async (): Promise<string> => {
      const { createServer } = process.getBuiltinModule('node:net');
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await new Promise<void>((resolve) => process.send?.('a server', server, {}, () => resolve()));
      server.close();
      return 'sent';
    };
    expect(await pool.apply(sendServer)).toBe('sent');
    expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
  });
});
