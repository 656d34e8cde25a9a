import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '#lib/wire/codec.js';
import { framed, FrameReader } from '#lib/wire/frames.js';
import { withLists } from '#lib/wire/lists.js';
import { copied, Numbers } from '#lib/wire/numbers.js';
import { part, type Values } from '#lib/wire/values.js';
import type { ChunkMessage, Report, RunCommand } from '#lib/wire/messages.js';
import { range } from '../helpers.js';

const settled = (values: Values): Report => ({
  type: 'settled',
  runs: [{ first: 1, values, errors: [], ms: 1 }],
});
const chunkOf = (items: readonly unknown[]): ChunkMessage => ({
  first: 1,
  functionId: 1,
  index: 0,
  attempt: 1,
  spread: false,
  exact: false,
  timed: false,
  items,
});
const valuesOf = (report: Report): Values => (report.type === 'settled' ? (report.runs[0]?.values ?? []) : []);

describe('a list of nothing but numbers', () => {
  const odd = [-0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1, ...range(10)];

  it('arrives packed, as the same numbers', () => {
    expect(valuesOf(decode(encode(withLists(settled(odd)))) as Report)).toStrictEqual(Float64Array.from(odd));
  });

  it('is packed in outcomes and in tasks, and changes nothing there', () => {
    const report = settled(odd);
    expect(valuesOf(withLists(report))).toBeInstanceOf(Numbers);
    expect(valuesOf(report)).toBe(odd);
    const run = { type: 'run', functions: [], chunks: [chunkOf(odd)] } as const;
    expect(withLists(run).chunks[0]?.items).toBeInstanceOf(Numbers);
  });

  it('stays as it is, though a getter sends others while it is written', () => {
    const commandOf = (...lists: unknown[][]): RunCommand => ({
      type: 'run',
      functions: [],
      chunks: lists.map(chunkOf),
    });
    const sender = {
      get sends() {
        return framed(commandOf(range(50).map(() => -1))).length;
      },
    };
    const [frame] = framed(commandOf(odd, [sender]));
    const read: unknown[] = [];
    const reader = new FrameReader(
      (message) => read.push(message),
      (error) => read.push(error),
    );
    reader.buffer().set(frame as Uint8Array);
    reader.callback((frame as Uint8Array).byteLength);
    const [first, second] = commandOf(odd, [{ sends: 1 }]).chunks;
    const packedFirst = { ...first, items: Float64Array.from(odd) };
    expect(read).toStrictEqual([{ type: 'run', functions: [], chunks: [packedFirst, second] }]);
  });

  it('takes 8 bytes a number', () => {
    expect(encode(withLists(settled(range(1000).map((n) => n / 3)))).byteLength).toBeLessThan(8200);
  });
});

describe('any other list', () => {
  it.each<[string, unknown[]]>([
    ['with something else in it', [...range(50), 'text']],
    ['with a hole', Object.assign(range(50), { length: 60 })],
    ['that is short', range(10)],
    ['of typed arrays', range(20).map(() => new Float64Array(2))],
  ])('%s stays as it is', (_, list) => {
    expect(valuesOf(withLists(settled(list)))).toBe(list);
    expect(valuesOf(decode(encode(withLists(settled(list)))) as Report)).toEqual(list);
  });
});

describe('a copy of a list', () => {
  it('is packed where it holds nothing but numbers, and a list where not', () => {
    const odd = [-0, NaN, 2 ** 53, ...range(20)];
    const numbers = copied(odd);
    expect(numbers).toBeInstanceOf(Numbers);
    expect([...numbers]).toStrictEqual(odd);
    for (const list of [[...odd, 'text'], Object.assign([...odd], { length: 60 }), range(15), range(50).map(BigInt)]) {
      expect(copied(list)).toStrictEqual(list);
      expect(copied(list)).not.toBe(list);
    }
  });

  it('is a list where it says something else when it is read again, or shrinks meanwhile', () => {
    const shrinking = range(20);
    Object.defineProperty(shrinking, 5, { get: () => (shrinking.length = 6) });
    expect(copied(shrinking)).toStrictEqual([0, 1, 2, 3, 4, 6]);
    const growing = new Proxy(range(20), {
      get: (list, key) => (key === 'length' ? list.push(0) : (Reflect.get(list, key) as unknown)),
    });
    expect(copied(growing).length).toBeLessThan(30);
  });

  it('is written as it is', () => {
    const numbers = part(copied(range(100)), 10, 50);
    expect(valuesOf(withLists(settled(numbers)))).toBe(numbers);
    expect(valuesOf(decode(encode(withLists(settled(numbers)))) as Report)).toStrictEqual(
      Float64Array.from(range(100).slice(10, 50)),
    );
  });
});
