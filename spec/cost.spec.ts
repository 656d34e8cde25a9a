import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHook } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { Pool, type AsyncResult } from 'forkpool';
import { leavesNoChild, onLinux, range } from './helpers.js';
import { pid, square } from './fixtures/tasks.js';

// What work costs, in things that can be counted: no clock is asked, so a busy machine changes little. Chunks are as large as
// tasks seem to be short, so the bounds leave room for a slow machine; a message or a promise for each item is far beyond.

const TASKS = 20_000;
const noop = (): void => {};

/** What the master has written to its children. */
const down = { messages: 0, bytes: 0 };
let promises = 0;
const hook = createHook({ init: (_id, type) => void (type === 'PROMISE' && promises++) });
const { write } = Socket.prototype;

let pool: Pool;
let child: number;

beforeAll(async () => {
  pool = new Pool(1);
  child = await pool.apply(pid);
  await pool.map(square, range(TASKS));
  await all(range(TASKS).map(() => pool.applyAsync(noop)));
  Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>): boolean {
    down.messages++;
    down.bytes += (args[0] as Uint8Array).byteLength;
    return Reflect.apply(write, this, args);
  } as Socket['write'];
});

afterAll(async () => {
  Socket.prototype.write = write;
  await pool.close();
});
leavesNoChild();

beforeEach(() => {
  down.messages = down.bytes = promises = 0;
});

async function all(results: readonly AsyncResult<unknown>[]): Promise<void> {
  await Promise.all(results);
}

/** Bytes that the child has written, and how often it wrote: Linux counts both. */
function written(): { bytes: number; writes: number } {
  const [bytes = 0, writes = 0] = ['wchar', 'syscw'].map((name) =>
    Number(new RegExp(`${name}: (\\d+)`).exec(readFileSync(`/proc/${child}/io`, 'utf8'))?.[1]),
  );
  return { bytes, writes };
}

async function promisesOf(work: () => Promise<unknown>): Promise<number> {
  hook.enable();
  await work();
  hook.disable();
  return promises;
}

describe('a map of 20,000 numbers', () => {
  it('takes less than a message for 20 of them, and 10 bytes for each', async () => {
    await pool.map(square, range(TASKS));
    expect(down.messages).toBeLessThan(TASKS / 20);
    expect(down.bytes).toBeLessThan(10 * TASKS);
    expect(down.bytes).toBeGreaterThan(TASKS);
  });

  onLinux.it('takes less than a write in the child for 10 of them', async () => {
    const before = written();
    await pool.map(square, range(TASKS));
    const after = written();
    expect(after.writes - before.writes).toBeLessThan(TASKS / 10);
    expect(after.bytes - before.bytes).toBeLessThan(12 * TASKS);
  });

  it('makes promises for the call, and none for an item', async () => {
    expect(await promisesOf(() => pool.map(square, range(TASKS)))).toBeLessThan(50);
  });
});

describe('20,000 calls at once', () => {
  it('take less than a message for 10 of them, and 20 bytes for each', async () => {
    await all(range(TASKS).map(() => pool.applyAsync(noop)));
    expect(down.messages).toBeLessThan(TASKS / 10);
    expect(down.bytes).toBeLessThan(20 * TASKS);
  });

  it('make one promise each, beside the one of whoever waits', async () => {
    expect(await promisesOf(() => all(range(TASKS).map(() => pool.applyAsync(noop))))).toBeLessThan(2.1 * TASKS);
  });
});

describe('one call', () => {
  it('takes one message down, and few bytes', async () => {
    for (const n of range(100)) await pool.apply(square, [n]);
    expect(down.messages).toBe(100);
    expect(down.bytes).toBeLessThan(100 * 200);
  });

  onLinux.it('takes two writes in the child: its mark and its answer', async () => {
    const before = written();
    for (const n of range(100)) await pool.apply(square, [n]);
    const after = written();
    // Node itself writes now and then, to wake its own threads.
    expect(after.writes - before.writes).toBeLessThan(2.5 * 100);
    expect(after.bytes - before.bytes).toBeLessThan(100 * 200);
  });
});

onLinux.describe('a large buffer there and back', () => {
  it('is written once each way, and nothing is added but a head', async () => {
    const size = 4 << 20;
    const before = written();
    const echo = (buffer: Buffer): Buffer => buffer;
    await pool.apply(echo, [Buffer.alloc(size)]);
    expect(down.bytes - size).toBeLessThan(1000);
    expect(written().bytes - before.bytes - size).toBeLessThan(1000);
  });
});
