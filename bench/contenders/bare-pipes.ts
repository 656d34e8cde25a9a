import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Writable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { ended } from './bare-workers.js';
import type { Open, PeerPool } from './contender.js';
import { peerFile } from './peer.js';

interface Frames {
  headerOf(length: number, what: number): Buffer;
  readerOf(deliver: (what: number, bytes: Buffer) => void): object;
}

/** How something travels, and its number in `peers/bare-pipes.cjs`. */
interface Way {
  readonly number: number;
  readonly pack: (items: readonly unknown[]) => Uint8Array;
  readonly unpack: (bytes: Buffer) => ArrayLike<unknown>;
}

const asItIs: Way = { number: 0, pack: ([bytes]) => bytes as Uint8Array, unpack: (bytes) => [bytes] };
const ways: Readonly<Record<string, Way>> = {
  square: {
    number: 1,
    pack: (items) => new Uint8Array(Float64Array.from(items as number[]).buffer),
    unpack: ({ buffer }) => new Float64Array(buffer as ArrayBuffer),
  },
  shout: { number: 2, pack: serialize, unpack: deserialize as Way['unpack'] },
  older: { number: 3, pack: serialize, unpack: deserialize as Way['unpack'] },
};

/** Items of a map that travel together. */
const TOGETHER = 8192;
/** Frames on their way to a child: the next is there when it has answered one. */
const AHEAD = 2;

/**
 * What is left of a pool that carries data without all that makes it one: frames on a pipe, read straight to where they stay, and
 * the next as soon as one is back. It knows beforehand what kind of data comes.
 */
export async function load(): Promise<Open> {
  const frames = createRequire(import.meta.url)(peerFile('frames.cjs')) as Frames;
  return async ({ workers }) => {
    const children = Array.from({ length: workers }, () => new Child(frames));
    const shared = async (way: Way, items: readonly unknown[], together: number): Promise<unknown[]> => {
      const results = Array.from<unknown>({ length: items.length });
      let next = 0;
      const served = async (child: Child): Promise<void> => {
        while (next < items.length) {
          const from = next;
          next += together;
          const answers = way.unpack(await child.ask(way.number, way.pack(items.slice(from, next))));
          for (let at = 0; at < answers.length; at++) results[from + at] = answers[at];
        }
      };
      await Promise.all(children.flatMap((child) => Array.from({ length: AHEAD }, () => served(child))));
      return results;
    };
    const callAll: PeerPool['callAll'] = (_task, buffers) => shared(asItIs, buffers, 1);
    return {
      call: async (task, argument) => (await callAll(task, [argument]))[0],
      callAll,
      map: (task, items) => shared(ways[task] as Way, items, TOGETHER),
      close: () => ended(children.map(({ process }) => process)),
    };
  };
}

class Child {
  readonly process: ChildProcess;
  readonly #frames: Frames;
  readonly #waiting: ((bytes: Buffer) => void)[] = [];

  constructor(frames: Frames) {
    this.#frames = frames;
    this.process = fork(peerFile('bare-pipes.cjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe', 'pipe'] });
    // As our own pipes do it: the socket that `fork` makes takes no `onread`.
    const stdio: readonly unknown[] = this.process.stdio;
    const made = stdio[5] as { _handle: unknown };
    const onread = frames.readerOf((_, bytes) => this.#waiting.shift()?.(bytes));
    const up = new Socket({ handle: made._handle, readable: true, writable: false, onread } as SocketConstructorOpts);
    // A child that leaves resets it.
    up.on('error', () => {});
    made._handle = null;
  }

  ask(way: number, bytes: Uint8Array): Promise<Buffer> {
    const down = this.process.stdio[4] as Writable;
    down.cork();
    down.write(this.#frames.headerOf(bytes.byteLength, way));
    down.write(bytes);
    down.uncork();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
