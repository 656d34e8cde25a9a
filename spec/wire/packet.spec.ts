import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { MessageChannel, MessagePort } from 'node:worker_threads';
import { SerializationError, ThreadPool, transfer, WorkerLostError } from 'forkpool';
import { decode, encode } from '#lib/wire/codec.js';
import type { ChunkMessage } from '#lib/wire/messages.js';
import { copied } from '#lib/wire/numbers.js';
import { part as partOf, type Values } from '#lib/wire/values.js';
import { post, unpack, type Packet } from '#lib/wire/packet.js';
import { range, rejection, thrown } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();
const { port1, port2 } = new MessageChannel();
afterAll(() => port1.close());
afterEach(() => void jest.restoreAllMocks());

const chunkOf = (first: number, items: Values): ChunkMessage => {
  const chunk = { functionId: 1, index: 0, attempt: 1, spread: false, exact: false, timed: false };
  return { ...chunk, first, items };
};
const reported = (value: unknown) => ({ type: 'reported', task: 1, value }) as const;
const arrival = async (): Promise<Packet> => ((await once(port2, 'message')) as [Packet])[0];

describe('a packet', () => {
  it('is bytes alone where nothing goes along with them, and tells how many', async () => {
    const { bytes: size, moves } = post(port1, reported('plain'));
    const packet = await arrival();
    expect(packet).toBeInstanceOf(Uint8Array);
    expect((packet as Uint8Array).byteLength).toBe(size);
    expect(moves).toBe(0);
    expect(size).toBe(encode(reported('plain')).byteLength);
    expect(unpack(packet)).toEqual(reported('plain'));
  });

  it('is text where the message is small and plain', async () => {
    const started = { type: 'started', task: 7 } as const;
    const { bytes: size, moves } = post(port1, started);
    const packet = await arrival();
    expect([packet, size, moves]).toEqual([JSON.stringify(started), JSON.stringify(started).length, 0]);
    expect(unpack(packet)).toEqual(started);
  });

  it('is numbers where the outcomes are', async () => {
    const settled = {
      type: 'settled',
      runs: [{ first: 3, values: [...range(20), -0, NaN], errors: [], ms: 1.5 }],
    } as const;
    const { bytes: size } = post(port1, settled);
    const packet = await arrival();
    expect(packet).toBeInstanceOf(Float64Array);
    expect((packet as Float64Array).byteLength).toBe(size);
    const [{ values, ...run }] = settled.runs;
    expect(unpack(packet)).toStrictEqual({ type: 'settled', runs: [{ ...run, values: Float64Array.from(values) }] });
  });

  it('has copies of large views beside the bytes, and leaves the views where they are', async () => {
    const memory = new Uint8Array(300_000).map((_, at) => at % 251);
    const doubles = new Float64Array(memory.buffer, 800, 10_000);
    const part = Buffer.from(memory.buffer, 100_001, 65_536);
    const small = memory.subarray(5, 9);
    const { bytes: size, moves } = post(port1, reported({ doubles, part, again: part, small }));
    expect([moves, memory.byteLength, part.byteLength]).toEqual([0, 300_000, 65_536]);
    const packet = await arrival();
    expect(packet).toMatchObject({ attachments: [], views: [expect.any(Uint8Array), expect.any(Uint8Array)] });
    expect(size).toBeGreaterThan(doubles.byteLength + part.byteLength);
    expect(size).toBeLessThan(doubles.byteLength + part.byteLength + 1000);
    const { value } = unpack(packet) as {
      value: { doubles: Float64Array; part: Buffer; again: Buffer; small: Uint8Array };
    };
    expect(value).toStrictEqual({ doubles, part, again: part, small });
    expect([Buffer.isBuffer(value.part), value.again === value.part]).toEqual([true, true]);
    expect(value.doubles.buffer.byteLength).toBe(doubles.byteLength);
  });

  it('carries large views beside what moves and what is shared', async () => {
    const [moved, stays] = [new Uint8Array(70_000).fill(1), new Uint8Array(200_000).fill(2)];
    const shared = new Uint8Array(new SharedArrayBuffer(80_000)).fill(3);
    const [large, overlapping] = [stays.subarray(0, 100_000), stays.subarray(50_000)];
    const belowLarge = stays.subarray(0, 65_535);
    const value = transfer({ moved, large, overlapping, belowLarge, shared, more: new Map([[1, large]]) }, [
      moved.buffer,
    ]);
    expect(post(port1, reported(value)).moves).toBe(1);
    expect([moved.byteLength, stays.byteLength]).toEqual([0, 200_000]);
    const packet = await arrival();
    expect(packet).toHaveProperty('views', [large, overlapping].map(Buffer.from));
    const arrived = (unpack(packet) as { value: typeof value }).value;
    shared[0] = 4;
    expect(arrived).toStrictEqual({ ...value, moved: new Uint8Array(70_000).fill(1) });
    expect([arrived.more.get(1) === arrived.large, arrived.shared[0]]).toEqual([true, 4]);
  });

  it('carries large views beside memory that can be resized, and views of that', async () => {
    // The types of ES2022 have none of these.
    const resizable = (bytes: number) =>
      Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: 2 * bytes }]) as ArrayBuffer & { maxByteLength: number };
    const [stays, moves] = [resizable(70_000), resizable(80_000)];
    const views = [stays, moves].map((memory) => new Uint8Array(memory).fill(memory.byteLength % 251));
    const value = transfer({ large: new Uint8Array(90_000).fill(3), stays, moves, views }, [moves]);
    post(port1, reported(value));
    expect([stays.byteLength, moves.byteLength]).toEqual([70_000, 0]);
    const arrived = (unpack(await arrival()) as { value: typeof value }).value;
    expect(arrived.large).toEqual(value.large);
    expect(arrived.views.map((view) => [view.length, view[79] === view.length % 251])).toEqual([
      [70_000, true],
      [80_000, true],
    ]);
    expect([arrived.stays, arrived.moves].map((memory) => [memory.byteLength, memory.maxByteLength])).toEqual([
      [70_000, 140_000],
      [80_000, 160_000],
    ]);
    expect(arrived.views[1]?.buffer).toBe(arrived.moves);
  });

  it('is the message itself where something moves and the rest is plain', async () => {
    const moved = new Uint8Array(1 << 20).fill(7);
    const { port1: given } = new MessageChannel();
    const value = transfer(
      [{ moved, part: moved.subarray(8, 10), buffer: moved.buffer, given }, 'é', 1n, undefined],
      [moved.buffer, given],
    );
    const { bytes: size, moves } = post(port1, reported(value));
    expect([size < 1000, moves, moved.byteLength]).toEqual([true, 2, 0]);
    const packet = await arrival();
    expect(packet).toHaveProperty('message');
    const [{ moved: arrived, part, buffer, given: taken }, ...rest] = (unpack(packet) as { value: typeof value })
      .value as [{ moved: Uint8Array; part: Uint8Array; buffer: ArrayBuffer; given: MessagePort }, ...unknown[]];
    expect([arrived.buffer, part.buffer, [...part], arrived.length]).toEqual([buffer, buffer, [7, 7], 1 << 20]);
    expect([taken, ...rest]).toEqual([expect.any(MessagePort), 'é', 1n, undefined]);
    taken.close();
  });

  it('is bytes where numbers that are packed lie beside what moves, and takes no more of them than their part', async () => {
    const moved = new Uint8Array(70_000).fill(7);
    const numbers = partOf(copied(range(100_000)), 10, 50);
    const command = {
      type: 'run',
      functions: [],
      chunks: [chunkOf(1, numbers), chunkOf(41, [transfer({ moved }, [moved.buffer])])],
    } as const;
    const { bytes: size, moves } = post(port1, command);
    expect([size < 1000, moves, moved.byteLength, numbers.length]).toEqual([true, 1, 0, 40]);
    const [first, second] = (unpack(await arrival()) as typeof command).chunks;
    expect(first).toStrictEqual(chunkOf(1, Float64Array.from(numbers as Float64Array)));
    expect(second).toStrictEqual(chunkOf(41, [{ moved: new Uint8Array(70_000).fill(7) }]));
  });

  it('falls back on bytes where the message cannot be posted as it is', async () => {
    const moved = new Uint8Array(8);
    const posts: unknown[] = [];
    const refusing: Parameters<typeof post>[0] = {
      postMessage(packet, transferred) {
        posts.push(packet);
        if (typeof packet === 'object' && 'message' in packet) throw new Error('no');
        port1.postMessage(packet, transferred as ArrayBuffer[]);
      },
    };
    expect(post(refusing, reported(transfer({ moved }, [moved.buffer]))).moves).toBe(1);
    expect(posts).toHaveLength(2);
    expect(unpack(await arrival())).toEqual(reported({ moved: new Uint8Array(8) }));
  });

  it('gives each call memory of its own, though two move the same', async () => {
    const { buffer } = Uint8Array.of(1, 2, 3);
    const items = [transfer(buffer, [buffer]), buffer];
    const chunk = { first: 1, functionId: 1, attempt: 1, spread: false, exact: false, timed: false, items };
    post(port1, { type: 'run', functions: [], chunks: [{ ...chunk, index: undefined }] });
    const [first, second] = (unpack(await arrival()) as { chunks: [{ items: ArrayBuffer[] }] }).chunks[0].items;
    expect([first, second]).toEqual([Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(1, 2, 3).buffer]);
    expect(first).not.toBe(second);
  });

  it('holds beside the bytes what moves, and shared memory', async () => {
    const moved = new Uint8Array(1 << 20);
    const shared = new SharedArrayBuffer(8);
    const { bytes: size, moves } = post(port1, reported([transfer({ moved }, [moved.buffer]), shared]));
    expect([size < 1000, moves, moved.byteLength]).toEqual([true, 1, 0]);
    const { value } = unpack(await arrival()) as { value: [{ moved: Uint8Array }, SharedArrayBuffer] };
    expect([value[0].moved.byteLength, value[1].byteLength]).toEqual([1 << 20, 8]);
  });

  it('is not posted, and moves nothing, when the message cannot be encoded', async () => {
    const bytes = new Uint8Array(8);
    const message = reported([transfer({ bytes }, [bytes.buffer]), Symbol('s')]);
    expect(thrown(() => post(port1, message))).toMatchObject({ message: expect.stringContaining('Symbol(s)') });
    expect(bytes.byteLength).toBe(8);
    post(port1, reported('next'));
    expect(unpack(await arrival())).toEqual(reported('next'));
  });

  it('is without what a process could not be sent', () => {
    expect(decode(encode(reported(new Uint8Array(2))))).toEqual(reported(new Uint8Array(2)));
  });
});

describe('ThreadPool', () => {
  it('does not mind what tasks post to its threads’ parent', async () => {
    const pool = make(ThreadPool, 1);
    const posts = async (): Promise<string> => {
      const { parentPort } = await import('node:worker_threads');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
      for (const message of [undefined, 'text', { bytes: 1 }, { type: 'settled' }]) parentPort?.postMessage(message);
      return 'done';
    };
    expect(await pool.apply(posts)).toBe('done');
  });

  it('does not wait for ever for what came and could not be read', async () => {
    const pool = make(ThreadPool, 1);
    const postsTooDeep = async (): Promise<void> => {
      const { workerData } = await import('node:worker_threads');
      let value: unknown = 'deep';
      // A thread has more stack to write than the master has to read.
      for (let level = 0; level < 8000; level++) value = [value];
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
      (workerData as { port: MessagePort }).port.postMessage(value);
      await new Promise(() => {});
    };
    expect(await rejection(pool.apply(postsTooDeep))).toBeInstanceOf(WorkerLostError);
  });

  it('does not wait for ever for tasks that a thread could not read', async () => {
    const pool = make(ThreadPool, { processes: 1, resourceLimits: { stackSizeMb: 0.5 } });
    await pool.apply(() => 'ready');
    const { postMessage } = MessagePort.prototype;
    jest.spyOn(MessagePort.prototype, 'postMessage').mockImplementationOnce(function (this: MessagePort) {
      let value: unknown = 'deep';
      // The master has more stack to write than this thread has to read.
      for (let level = 0; level < 2500; level++) value = [value];
      postMessage.call(this, value);
    });
    expect(await rejection(pool.apply(() => 'lost on its way'))).toBeInstanceOf(SerializationError);
  });
});
