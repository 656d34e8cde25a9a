import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { framed, FrameReader, putInto } from '#lib/wire/frames.js';
import type { ChunkMessage, Command, Report, WorkerSetup } from '#lib/wire/messages.js';
import { MOST_NUMBERS } from '#lib/wire/number-run.js';
import { cloneable, isCloneOf } from '../fixtures/fake-values.js';
import { range, thrown } from '../helpers.js';

const reported = (value: unknown): Report => ({ type: 'reported', task: 1, value });
const settled = (values: readonly unknown[]): Report => ({
  type: 'settled',
  runs: [{ first: 7, values, errors: [], ms: 0.5 }],
});

type Settled = Extract<Report, { type: 'settled' }>;

/** What a group of tasks of one chunk says. */
function group(first: number, values: readonly unknown[], more: { ms?: number; chunk?: number } = {}): Settled {
  return { type: 'settled', runs: [{ first, values, errors: [], ms: 0.125, chunk: 1, ...more }] };
}

/** Groups of tasks with consecutive numbers. */
function groups(...lists: readonly (readonly unknown[])[]): Settled[] {
  let next = 1;
  return lists.map((values) => {
    const first = next;
    next += values.length;
    return group(first, values);
  });
}

/** Of which chunk they are is the worker's affair. More numbers than a group has arrive packed. */
function asRead(report: Report): Report {
  if (report.type !== 'settled') return report;
  const runs = report.runs.map(({ first, values, errors, ms }) => {
    const arePacked = values.length > MOST_NUMBERS && typeof values[0] === 'number';
    return { first, values: arePacked ? Float64Array.from(values as number[]) : values, errors, ms };
  });
  return { ...report, runs };
}

const none = (count: number): undefined[] => Array<undefined>(count).fill(undefined);
const thirds = (count: number): number[] => range(count).map((n) => n / 3);

/** What comes out when the bytes of all messages come in pieces of such sizes, over and over. */
function read(messages: readonly (Command | Report)[], sizes: readonly number[]): unknown[] {
  const arrived: unknown[] = [];
  const reader = new FrameReader(
    (message) => arrived.push(message),
    (error) => arrived.push({ garbled: error }),
  );
  const bytes = Buffer.concat(messages.flatMap((message) => framed(message)));
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const space = reader.buffer();
    const count = bytes.copy(space, 0, at, at + Math.min(space.byteLength, sizes[n % sizes.length] ?? 1));
    at += count;
    reader.callback(count);
  }
  return arrived;
}

describe('what is no message', () => {
  /** What comes of bytes that a pipe brings. */
  function readBytes(bytes: Buffer): unknown[] {
    const arrived: unknown[] = [];
    const reader = new FrameReader(
      (message) => arrived.push(message),
      (error) => arrived.push(error),
    );
    for (let at = 0; at < bytes.length;) {
      const count = bytes.copy(reader.buffer(), 0, at);
      at += count;
      reader.callback(count);
    }
    return arrived;
  }

  /** The header of a message with a text of two bytes, and them. */
  function headed(views: number, format: number): Buffer {
    const bytes = Buffer.from('........[]');
    bytes.writeUInt32LE(2, 0);
    bytes.writeUInt16LE(views, 4);
    bytes.writeUInt16LE(format, 6);
    return bytes;
  }

  const online = (): Buffer => Buffer.concat(framed({ type: 'online' }));

  it.each([
    ['a line of text', Buffer.from('hello, world\n')],
    ['a part of a line, with the next message behind it', Buffer.from('hello\n')],
    ['zeros', Buffer.alloc(64)],
    ['a format that there is not', headed(0, 4)],
    ['views behind a text that is JSON', headed(1, 1)],
    ['views behind numbers', headed(1, 3)],
    ['more views than there may be', headed(4097, 2)],
  ])('is told once, and nothing is waited for or read behind it: %s', (_title, bytes) => {
    const arrived = readBytes(Buffer.concat([online(), bytes, online(), Buffer.alloc(200_000, 1), online()]));
    expect(arrived).toEqual([
      { type: 'online' },
      expect.objectContaining({ message: expect.stringContaining('no message') }),
    ]);
  });
});

describe('messages on a pipe', () => {
  it('arrive as they were, in their order, in whatever pieces', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(cloneable, { maxLength: 8 }), pieces, (values, sizes) => {
        const arrived = read(values.map(reported), sizes) as { value: unknown }[];
        expect(arrived).toHaveLength(values.length);
        values.forEach((value, at) => expect(isCloneOf(arrived[at]?.value, value)).toBe(true));
      }),
    );
  });

  it.each([1, 7, 8, 9, 1000, 65_535, 65_536, 1 << 20])('may be larger than the pieces they come in: %d', (size) => {
    const values = [
      Buffer.alloc(200_000, 1),
      'x'.repeat(70_000),
      1,
      new Float64Array(30_000).fill(0.5),
      Buffer.alloc(65_536),
    ];
    const arrived = read(values.map(reported), [size]) as { value: unknown }[];
    expect(arrived.map(({ value }) => value)).toEqual(values);
  });

  it.each(['short', 'äöü', '日本語', '👍👍'])(
    'that are small are the same bytes in a room that is there already: %s',
    (text) => {
      const room = Buffer.alloc(4096, 255);
      const bytes = putInto(room, settled([text, 1, true]));
      expect(room.subarray(0, bytes)).toEqual(Buffer.concat(framed(settled([text, 1, true]))));
    },
  );

  it('that are numbers are the same bytes in a room that is there already, if they fit', () => {
    const message = settled([...range(20), -0.5, Infinity]);
    const [frame] = framed(message) as [Buffer];
    const room = Buffer.alloc(4096, 255);
    expect(room.subarray(0, putInto(room, message))).toEqual(frame);
    expect(putInto(Buffer.alloc(frame.length), message)).toBe(frame.length);
    expect(putInto(Buffer.alloc(frame.length - 1), message)).toBe(0);
    // It may lie anywhere in its memory, at a multiple of 8 bytes.
    const part = Buffer.alloc(4096, 255).subarray(64);
    expect(part.subarray(0, putInto(part, message))).toEqual(frame);
    expect(putInto(room, settled([...range(20), 'text']))).toBe(0);
  });

  it('are not put into a room that might be too small for them, nor when they are not plain', () => {
    const text = 'a'.repeat(100);
    expect(putInto(Buffer.alloc(1000), settled([text]))).toBeGreaterThan(100);
    expect(putInto(Buffer.alloc(300), settled([text]))).toBe(0);
    expect(putInto(Buffer.alloc(1000), settled([{}]))).toBe(0);
  });

  it('that are numbers of tiny tasks which follow one another come as one where they come together', () => {
    const messages = groups(range(20), thirds(256), range(9));
    const all = group(1, [...range(20), ...thirds(256), ...range(9)], { ms: 0.375 });
    const later = group(1, range(20));
    const text = settled(['text']);
    expect(read(messages, [10_000])).toEqual([asRead(all)]);
    expect(read([...messages, later, text, later], [10_000])).toEqual([all, later, text, later].map(asRead));
  });

  it('that are nothing come as one too, apart from numbers', () => {
    const messages = groups(range(10), none(256), none(10), range(10), none(9));
    const [first, , , second, last] = messages as [Settled, Settled, Settled, Settled, Settled];
    expect(read(messages, [10_000])).toStrictEqual(
      [first, group(11, none(266), { ms: 0.25 }), second, last].map(asRead),
    );
  });

  it.each<[string, Report[]]>([
    ['of several chunks', [group(1, range(10)), group(11, range(10), { chunk: 11 })]],
    ['not tiny, and before one that is', [group(1, range(10), { ms: 1 }), group(11, range(10))]],
    ['not tiny, and behind one that is', [group(1, range(10)), group(11, range(10), { ms: 1 })]],
    ['no group', [settled(range(10)), group(17, range(10))]],
    ['more than a group has', [group(1, range(2000)), group(2001, range(2000))]],
    ['nothing of more than a group has', [group(1, none(2000)), group(2001, none(2000))]],
  ])('that are numbers come by themselves where they are %s', (_, messages) => {
    expect(read(messages, [65_536])).toStrictEqual(messages.map(asRead));
  });

  it('that are numbers come as one as far as the room reaches', () => {
    const messages = groups(...range(100).map(() => thirds(256)));
    const arrived = read(messages, [65_536]).flatMap((report) => (report as Settled).runs);
    expect(arrived.length).toBeLessThan(20);
    expect(arrived.flatMap(({ values }) => values)).toEqual(range(100).flatMap(() => thirds(256)));
  });

  it('that are numbers arrive in whatever pieces', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });
    const lists = fc.array(fc.array(fc.double(), { minLength: 9, maxLength: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lists, pieces, (values, sizes) => {
        const runs = read(groups(...values), sizes).flatMap((report) => (report as Settled).runs);
        expect(runs.flatMap((run) => run.values)).toEqual(values.flat());
        let next = 1;
        for (const run of runs) {
          expect(run.first).toBe(next);
          next += run.values.length;
        }
      }),
    );
  });

  it('carry large views as they are, each with memory of its own', () => {
    const large = new Uint16Array(100_000).fill(7).subarray(10);
    const pieces = framed(reported([large, Buffer.from('small'), large]));
    expect(pieces).toHaveLength(3);
    expect(pieces[2]?.buffer).toBe(large.buffer);
    const [{ value }] = read([reported([large, large.slice()])], [10_000]) as [{ value: Uint16Array[] }];
    expect(value).toEqual([large, large.slice()]);
    expect(value.map(({ buffer }) => buffer.byteLength)).toEqual([large.byteLength, large.byteLength]);
  });

  it('carry more large views than have a place of their own', () => {
    const views = range(5000).map((n) => new Uint8Array(64 * 1024).fill(n));
    const [{ value }] = read([reported(views)], [1 << 20]) as [{ value: Uint8Array[] }];
    expect(value.map((view) => [view.length, view[0]])).toEqual(views.map((view) => [view.length, view[0]]));
  });

  it('are refused when they cannot be encoded', () => {
    expect(thrown(() => framed(reported(() => {})))).toBeInstanceOf(Error);
  });
});

describe('a message that cannot be read', () => {
  it('is told of, and those behind it arrive', () => {
    const arrived: unknown[] = [];
    const reader = new FrameReader(
      (message) => arrived.push(message),
      (error) => arrived.push(error),
    );
    const bad = Buffer.concat(framed(reported({ a: 1 })));
    bad.fill(0xff, 10);
    const bytes = Buffer.concat([bad, ...framed(reported(2))]);
    bytes.copy(reader.buffer());
    reader.callback(bytes.length);
    expect(arrived).toEqual([expect.any(Error), reported(2)]);
  });
});

describe('a frame of numbers that is none', () => {
  const readBefore = (bad: Buffer): unknown[] => {
    const arrived: unknown[] = [];
    const reader = new FrameReader(
      (message) => arrived.push(message),
      (error) => arrived.push(error),
    );
    const bytes = Buffer.concat([bad, ...framed(settled(range(9)))]);
    bytes.copy(reader.buffer());
    reader.callback(bytes.length);
    return arrived;
  };

  it.each([0, 8, 16, 20, 24, 36, 40])('is told of, and what is behind it arrives: %d bytes', (length) => {
    const bad = Buffer.concat(framed(settled(range(9)))).subarray(0, 8 + length);
    bad.writeUInt32LE(length, 0);
    expect(readBefore(bad)).toEqual([expect.any(RangeError), settled(range(9))]);
  });

  it.each([0, -1, 0.5, NaN, 3e9])('is told of, and what is behind it arrives: of %d tasks', (count) => {
    const bad = Buffer.concat(framed(settled(none(9))));
    bad.writeDoubleLE(count, 8 + 16);
    expect(readBefore(bad)).toEqual([expect.any(RangeError), settled(range(9))]);
  });
});

describe('a message for which there is no memory', () => {
  afterEach(() => void jest.restoreAllMocks());
  const views = [new Uint8Array(100_000).fill(1), new Uint8Array(300_000).fill(2)];

  it.each([
    ['its text', 1, ['x'.repeat(200_000)]],
    ['its text, beside views', 1, ['x'.repeat(200_000), ...views]],
    ['the first of its views', 2, views],
    ['the last of its views', 3, views],
  ])('is told of, and those behind it arrive: none for %s', (_, nth, value) => {
    const bytes = Buffer.concat([1, value, 2, views].flatMap((each) => framed(reported(each))));
    const arrived: unknown[] = [];
    const reader = new FrameReader(
      (message) => arrived.push((message as { value: unknown }).value),
      (error) => arrived.push(error),
    );
    const { allocUnsafeSlow } = Buffer;
    let calls = 0;
    jest.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((length) => {
      if (++calls === nth) throw new RangeError('Array buffer allocation failed');
      return allocUnsafeSlow(length);
    });
    for (let at = 0; at < bytes.length;) {
      const count = bytes.copy(reader.buffer(), 0, at, at + 50_000);
      at += count;
      reader.callback(count);
    }
    expect(arrived).toEqual([1, new RangeError('Array buffer allocation failed'), 2, views]);
  });
});

describe('small outcomes', () => {
  it.each<[string, unknown[]]>([
    ['numbers', [1, -1.5, 0, 2 ** 53]],
    ['texts', ['', 'ä', '\u2028', '\ud800', '"\\', '__proto__']],
    ['null, true and false', [null, true, false]],
    ['nothing', [undefined]],
  ])('of %s travel as JSON', (_, values) => {
    const [frame] = framed(settled(values)) as [Buffer];
    expect(frame.subarray(8).toString()).toMatch(/^\[1,/);
    expect(read([settled(values)], [10])).toStrictEqual([settled(values)]);
  });

  it.each<[string, unknown[]]>([
    ['-0', [-0]],
    ['numbers that are none', [NaN, Infinity, -Infinity]],
    ['nothing beside something', [1, undefined]],
    ['a BigInt', [1n]],
    ['an object', [{ a: 1 }]],
    ['a hole', Object.assign([1], { length: 2 })],
    ['a long text', ['x'.repeat(1000)]],
    ['many numbers', range(20)],
    ['nothing, of many tasks', Array<undefined>(100).fill(undefined)],
    ['nothing, of many tasks, and something', [...Array<undefined>(100).fill(undefined), 1]],
  ])('of %s do not, and arrive all the same', (_, values) => {
    const frame = Buffer.concat(framed(settled(values)));
    expect(frame.toString('latin1', 8)).not.toMatch(/^\[1,/);
    expect(read([settled(values)], [10])).toEqual([settled(values)]);
  });

  it('say how large the worker is, where that is asked', () => {
    const weighed = { ...settled([1]), memory: 123 } as Report;
    expect(read([weighed], [10])).toStrictEqual([weighed]);
  });

  it('have no toJSON asked', () => {
    const args = Object.defineProperty([1], 'toJSON', { value: () => 'never' });
    const chunk = { first: 1, functionId: 1, index: undefined, attempt: 1, exact: false, timed: false } as const;
    const run = { type: 'run', functions: [], chunks: [{ ...chunk, spread: true, items: [args] }] } as const;
    expect(Buffer.concat(framed(run)).includes('never')).toBe(false);
  });
});

const plainChunk = { first: 3, functionId: 1, index: undefined, attempt: 1, spread: false, exact: false, timed: false };

describe('the first messages to a worker', () => {
  const setup: WorkerSetup = {
    id: 1,
    kind: 'process',
    main: undefined,
    concurrency: 2,
    initializer: { kind: 'export', module: 'file:///a.js', path: ['open'] },
    initargs: ['db', 3],
    finalizer: undefined,
    memoryLimit: 1e9,
  };
  const reference = { kind: 'source', text: 'x => "\\ud800" + x', strict: true, line: 0, column: 1 } as const;

  it.each<Command>([
    { type: 'initialise', setup },
    { type: 'initialise', setup: { ...setup, initializer: undefined, memoryLimit: undefined } },
    { type: 'run', functions: [{ id: 1, reference }], chunks: [{ ...plainChunk, items: [1] }] },
  ])('travel as JSON where they are plain: $type', (command) => {
    const [frame] = framed(command) as [Buffer];
    expect(frame.subarray(8).toString()).toMatch(/^(?:\[0,|\{")/);
    expect(read([command], [10])).toEqual([command]);
  });

  it('bring initargs that are not plain all the same', () => {
    const command: Command = { type: 'initialise', setup: { ...setup, initargs: [new Map([[1, 2]]), undefined] } };
    expect(read([command], [10])).toEqual([command]);
  });
});

describe('the only argument of a call', () => {
  it.each<[unknown]>([[-0], [NaN], [undefined], [1n], [{ toJSON: 1 }]])(
    'arrives as it is where JSON cannot say it: %p',
    (item) => {
      const run: Command = { type: 'run', functions: [], chunks: [{ ...plainChunk, items: [item] }] };
      expect(read([run], [10])).toStrictEqual([run]);
    },
  );
});

describe('a small chunk', () => {
  const chunk = { first: 3, functionId: 2, attempt: 1, exact: false, timed: true } as const;

  it.each<[string, ChunkMessage]>([
    ['calls', { ...chunk, index: undefined, spread: true, items: [[1, 'a'], []] }],
    ['calls with one argument each', { ...chunk, index: undefined, spread: false, items: [1, null] }],
    ['the items of a map', { ...chunk, index: 0, spread: false, items: [1, 2] }],
    ['a task that must run alone', { ...chunk, index: 7, attempt: 2, exact: true, spread: false, items: [true] }],
  ])('of %s travels as JSON', (_, small) => {
    const run: Command = { type: 'run', functions: [], chunks: [small, { ...small, first: 9 }] };
    const [frame] = framed(run) as [Buffer];
    expect(frame.subarray(8).toString()).toMatch(/^\[0,/);
    expect(read([run], [10])).toStrictEqual([run]);
  });
});
