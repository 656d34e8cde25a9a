import { afterAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { MessageChannel, MessagePort } from 'node:worker_threads';
import { ThreadPool, transfer } from 'forkpool';
import { decode, encode } from '#lib/wire/codec.js';
import { post, unpack, type Packet } from '#lib/wire/packet.js';
import { range, thrown } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();
const { port1, port2 } = new MessageChannel();
afterAll(() => port1.close());

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
    expect(unpack(packet)).toStrictEqual(settled);
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
});
