import { describe, expect, it } from '@jest/globals';
import { decode, encode } from '#lib/wire/codec.js';
import { framed, FrameReader } from '#lib/wire/frames.js';
import { withLists } from '#lib/wire/lists.js';
import { Numbers } from '#lib/wire/numbers.js';
import type { ChunkMessage, Command, Report } from '#lib/wire/messages.js';
import { range } from '../helpers.js';

const settled = (values: readonly unknown[]): Report => ({
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
const valuesOf = (report: Report): readonly unknown[] =>
  report.type === 'settled' ? (report.runs[0]?.values ?? []) : [];

describe('a list of nothing but numbers', () => {
  const odd = [-0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1, ...range(10)];

  it('arrives as the same list', () => {
    const list = valuesOf(decode(encode(withLists(settled(odd)))) as Report);
    expect(Array.isArray(list)).toBe(true);
    expect(list).toStrictEqual(odd);
    expect(Object.is(list[0], -0)).toBe(true);
  });

  it('is packed in outcomes and in tasks, and changes nothing there', () => {
    const report = settled(odd);
    expect(valuesOf(withLists(report))).toBeInstanceOf(Numbers);
    expect(valuesOf(report)).toBe(odd);
    const run = { type: 'run', functions: [], chunks: [chunkOf(odd)] } as const;
    expect(withLists(run).chunks[0]?.items).toBeInstanceOf(Numbers);
  });

  it('stays as it is, though a getter sends others while it is written', () => {
    const commandOf = (...lists: unknown[][]): Command => ({
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
    expect(read).toStrictEqual([commandOf(odd, [{ sends: 1 }])]);
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
