import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { AsyncPool, Pool, SerializationError, ThreadPool, transfer } from 'forkpool';
import {
  answerOn,
  count,
  exitAtTwo,
  giveBack,
  makeAndMove,
  moveBack,
  moveOrFail,
  openPort,
  reportMoved,
  shareOrFail,
  sizeOf,
  sizeInTime,
  sizes,
  sum,
} from '../fixtures/travel-tasks.js';
import { range, rejection } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();
const bytesOf = (length: number, value = 1): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);
const moving = <T extends ArrayBufferView<ArrayBuffer>>(view: T): T => transfer(view, [view.buffer]);

describe('ThreadPool', () => {
  it('runs tasks whose arguments have moved to a worker that then exceeds maxMemoryPerChild', async () => {
    const pool = make(ThreadPool, { processes: 1, maxMemoryPerChild: 1 });
    const views = range(6).map((n) => moving(bytesOf(n)));
    expect(await pool.map(sum, views, 3)).toEqual(range(6));
    expect(pool.stats().replaced.maxMemoryPerChild).toBeGreaterThan(0);
  });

  it('reports no timeout for tasks that had not begun, though their arguments had moved', async () => {
    const pool = make(ThreadPool, { processes: 1, gracePeriod: 20 });
    const stopAtTwo = (view: Uint8Array): number => {
      while (view.length === 2);
      return view.length;
    };
    const views = range(5).map((n) => moving(bytesOf(n)));
    const results = await pool.map(stopAtTwo, views, { chunksize: 5, timeout: 200, settled: true });
    expect(
      results.map((result) => ('reason' in result ? (result.reason as { code: string }).code : result.value)),
    ).toEqual([0, 1, 'ERR_TASK_TIMEOUT', 'ERR_SERIALIZATION', 'ERR_SERIALIZATION']);
  });

  it('moves an argument: it arrives, and is gone here', async () => {
    const pool = make(ThreadPool, 1);
    const bytes = bytesOf(1000);
    expect(await pool.apply(sum, [moving(bytes)])).toBe(1000);
    expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([0, 0]);
    const { buffer } = bytesOf(10, 2);
    expect(await pool.apply(sum, [transfer(buffer, [buffer])])).toBe(20);
    expect(buffer.byteLength).toBe(0);
  });

  it('moves views with their place in the memory, which they share there', async () => {
    const pool = make(ThreadPool, 1);
    const { buffer } = Uint8Array.from(range(64));
    const value = transfer(
      {
        buffer,
        whole: new Uint8Array(buffer),
        part: new Uint16Array(buffer, 8, 4),
        view: new DataView(buffer, 1, 2),
        node: Buffer.from(buffer, 3, 5),
      },
      [buffer],
    );
    const back = (await pool.apply(giveBack, [value])) as typeof value;
    expect(buffer.byteLength).toBe(0);
    // It came back by a copy: so says each view's own memory.
    expect([...back.whole]).toEqual(range(64));
    expect([...new Uint8Array(back.part.buffer)]).toEqual(range(8).map((n) => n + 8));
    expect([back.view.getUint8(0), Buffer.isBuffer(back.node), [...back.node]]).toEqual([1, true, [3, 4, 5, 6, 7]]);
    const { bytes, same } = await pool.apply(makeAndMove, [8, 5]);
    expect(bytes.buffer).toBe(same);
    expect([...bytes]).toEqual(range(8).map(() => 5));
  });

  it('shares memory that hangs on what a task throws', async () => {
    const pool = make(ThreadPool, 1);
    const throwIt = (thrown: unknown): never => {
      throw thrown instanceof SharedArrayBuffer ? thrown : Object.assign(new Error('no'), { memory: thrown });
    };
    const view = new Int32Array(new SharedArrayBuffer(8));
    const { memory } = (await rejection(pool.apply(throwIt, [view]))) as { memory: Int32Array };
    const thrown = (await rejection(pool.apply(throwIt, [view.buffer]))) as SharedArrayBuffer;
    view[1] = 7;
    expect([memory[1], new Int32Array(thrown)[1]]).toEqual([7, 7]);
  });

  it('moves a result: it is gone there', async () => {
    const pool = make(ThreadPool, 1);
    const first = await pool.apply(makeAndMove, [16, 1]);
    expect([first.before, first.bytes.byteLength]).toEqual([undefined, 16]);
    expect((await pool.apply(makeAndMove, [16, 2])).before).toBe(0);
    const bytes = (await pool.apply(moveBack, [moving(bytesOf(9))])) as Uint8Array;
    expect([bytes, bytes.buffer.byteLength]).toEqual([bytesOf(9), 9]);
  });

  it('moves the items of maps, the arguments of starmaps, and reports', async () => {
    const pool = make(ThreadPool, 2);
    const items = range(50).map((n) => bytesOf(n + 1));
    expect(await pool.map(sizeOf, items.map(moving))).toEqual(range(50).map((n) => n + 1));
    expect(items.every(({ byteLength }) => byteLength === 0)).toBe(true);
    const [one, two] = [bytesOf(3), bytesOf(4)];
    expect(await pool.starmap(sizes, [[moving(one), two]])).toEqual([[3, 4]]);
    expect([one.byteLength, two.byteLength]).toEqual([0, 4]);
    const reports: unknown[] = [];
    expect(await pool.apply(reportMoved, [5], { onReport: (value) => reports.push(value) })).toBe(0);
    expect(reports).toEqual([bytesOf(5, 7)]);
  });

  it('moves memory that two arguments share, once', async () => {
    const pool = make(ThreadPool, 1);
    const { buffer } = bytesOf(8);
    const [left, right] = [new Uint8Array(buffer, 0, 3), new Uint8Array(buffer, 3)];
    expect(await pool.apply(sizes, [transfer(left, [buffer]), transfer(right, [buffer])])).toEqual([3, 5]);
    expect(buffer.byteLength).toBe(0);
  });

  it('moves what a whole list of arguments, or an item of starmap, is said to hold', async () => {
    const pool = make(ThreadPool, 1);
    const [one, other] = [bytesOf(3), bytesOf(5)];
    const size = (bytes: Uint8Array): number => bytes.length;
    expect(await pool.apply(size, transfer<[Uint8Array]>([one], [one.buffer]))).toBe(3);
    expect(await pool.starmap(size, [transfer<[Uint8Array]>([other], [other.buffer])])).toEqual([5]);
    expect([one.byteLength, other.byteLength]).toEqual([0, 0]);
  });

  it('moves ports both ways', async () => {
    const pool = make(ThreadPool, 1);
    const { port1, port2 } = new MessageChannel();
    const said = once(port1, 'message');
    await pool.apply(answerOn, [transfer(port2, [port2]), 'hello']);
    expect(await said).toEqual(['MessagePort: hello']);
    const { port } = await pool.apply(openPort, ['from there']);
    expect(await once(port, 'message')).toEqual(['from there']);
  });

  it('leaves every argument where it was when its call cannot be encoded', async () => {
    const pool = make(ThreadPool, 1);
    const [bad, good] = [bytesOf(10), bytesOf(20)];
    const [failed, done] = await Promise.allSettled([
      pool.apply(giveBack, [transfer({ bad, f: () => {} }, [bad.buffer])]),
      pool.apply(sizeOf, [moving(good)]),
    ]);
    expect(failed).toMatchObject({ reason: { direction: 'argument', path: 'args[0].f' } });
    expect(done).toMatchObject({ value: 20 });
    expect([bad.byteLength, good.byteLength]).toEqual([10, 0]);
    const other = bytesOf(30);
    const error = await rejection(
      pool.starmap(sizes as (...parts: unknown[]) => unknown, [[moving(other), Symbol('s')]]),
    );
    expect(error).toMatchObject({ path: 'args[1]' });
    expect(other.byteLength).toBe(30);
  });

  it('blames the result that cannot be encoded, and moves the others', async () => {
    const pool = make(ThreadPool, 1);
    const items = range(30).map((n) => moving(bytesOf(4, n % 3)));
    const outcomes = await pool.map(moveOrFail, items, { settled: true, chunksize: 30 });
    expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(range(30).map((n) => n % 3 === 1));
    expect(outcomes[1]).toMatchObject({ reason: { direction: 'result', path: 'result.f' } });
    expect(outcomes[2]).toEqual({ status: 'fulfilled', value: bytesOf(4, 2) });
  });

  it('leaves tasks with the worker that their arguments have moved to, though another is idle', async () => {
    const pool = make(ThreadPool, 2);
    const items = range(20).map((n) => moving(bytesOf(n + 1, n === 0 ? 1 : 0)));
    expect(await pool.map(sizeInTime, items, { chunksize: 10 })).toEqual(range(20).map((n) => n + 1));
    // What has not moved goes there.
    const copied = range(20).map((n) => bytesOf(n + 1, n === 0 ? 1 : 0));
    expect(await pool.map(sizeInTime, copied, { chunksize: 10 })).toEqual(range(20).map((n) => n + 1));
  });

  it('fails tasks that had not begun when their worker died, and says that their arguments were moved', async () => {
    const pool = make(ThreadPool, 1);
    const items = range(3).map((n) => moving(bytesOf(4, n === 0 ? 2 : 0)));
    const outcomes = await pool.map(exitAtTwo, items, { settled: true, chunksize: 3 });
    const lost = { code: 'ERR_SERIALIZATION', message: expect.stringContaining('was moved elsewhere before') };
    expect(outcomes).toMatchObject([{ reason: { code: 'ERR_WORKER_LOST' } }, { reason: lost }, { reason: lost }]);
    expect(await pool.apply(sizeOf, [moving(bytesOf(3))])).toBe(3);
  });

  it('blames no shared memory for a result beside it that cannot be encoded', async () => {
    const pool = make(ThreadPool, 1);
    const items = range(30).map((n) => ({ n, memory: new SharedArrayBuffer(4) }));
    const outcomes = await pool.map(shareOrFail, items, { settled: true, chunksize: 30 });
    expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(range(30).map((n) => n % 3 === 1));
  });

  it('refuses an argument that was moved before', async () => {
    const pool = make(ThreadPool, 1);
    const bytes = moving(bytesOf(10));
    await pool.apply(sizeOf, [bytes]);
    const again = await rejection(pool.apply(sizeOf, [bytes]));
    expect(again).toBeInstanceOf(SerializationError);
    expect(again).toMatchObject({ path: 'args[0]', message: expect.stringContaining('was moved elsewhere before') });
    const { buffer } = bytes;
    expect(await rejection(pool.apply(giveBack, [{ nested: bytes }]))).toMatchObject({ path: 'args[0].nested' });
    expect(await rejection(pool.apply(sizeOf, [buffer]))).toMatchObject({ path: 'args[0]' });
    expect(await pool.apply(sizeOf, [bytesOf(3)])).toBe(3);
  });

  it('copies small Buffers, since Node keeps several in one block of memory', async () => {
    const pool = make(ThreadPool, 1);
    const [one, two] = [Buffer.from('one'), Buffer.from('two')];
    const moved = transfer(one, [one.buffer as ArrayBuffer]);
    expect(String(await pool.apply(giveBack, [moved]))).toBe('one');
    expect([String(one), String(two)]).toEqual(['one', 'two']);
  });

  it('shares memory that is shared, moved or not', async () => {
    const pool = make(ThreadPool, { processes: 2 });
    const memory = new SharedArrayBuffer(8);
    const counter = new Int32Array(memory);
    await pool.map(
      count,
      range(100).map(() => counter),
    );
    expect(counter[0]).toBe(100);
    const value = { memory, counter, url: new URL('https://example.org') };
    const back = (await pool.apply(giveBack, [value])) as typeof value;
    back.counter[0] = 7;
    expect([counter[0], back.counter.buffer === back.memory]).toEqual([7, true]);
  });
});

describe('Pool', () => {
  it('copies what is marked for transfer, and the caller keeps it', async () => {
    const pool = make(Pool, 1);
    const bytes = moving(bytesOf(1000));
    expect(await pool.apply(sum, [bytes])).toBe(1000);
    expect(bytes.byteLength).toBe(1000);
    expect((await pool.apply(makeAndMove, [16, 1])).bytes).toEqual(bytesOf(16));
    expect((await pool.apply(makeAndMove, [16, 1])).before).toBe(16);
  });

  it('refuses a port and shared memory, and says where they are', async () => {
    const pool = make(Pool, 1);
    const { port1, port2 } = new MessageChannel();
    const marked = transfer({ port: port1 }, [port1]);
    expect(await rejection(pool.apply(giveBack, [marked]))).toMatchObject({
      direction: 'argument',
      path: 'args[0].port',
      message: expect.stringContaining('MessagePort'),
    });
    port2.close();
    expect(await rejection(pool.apply(openPort, ['x']))).toMatchObject({ direction: 'result', path: 'result.port' });
    expect(await rejection(pool.apply(giveBack, [{ memory: new SharedArrayBuffer(1) }]))).toMatchObject({
      path: 'args[0].memory',
    });
    expect(await rejection(pool.apply(count, [new Int32Array(new SharedArrayBuffer(8))]))).toMatchObject({
      path: 'args[0]',
      message: expect.stringContaining('shared'),
    });
  });
});

describe('AsyncPool', () => {
  it('passes what is marked as it is', async () => {
    const pool = make(AsyncPool, 1);
    const bytes = moving(bytesOf(10));
    expect(await pool.apply(moveBack, [bytes])).toBe(bytes);
    expect(bytes.byteLength).toBe(10);
  });
});
