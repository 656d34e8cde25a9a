import { describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { FileBytes } from '#lib/cli/input/file-bytes.js';
import { recordsOf, type InputRecord } from '#lib/cli/input/records.js';
import { UsageError } from '#lib/cli/usage-error.js';
import { collect, range, rejection, temporaryFiles } from '../../helpers.js';

const file = temporaryFiles();

/** Bytes as they come from a disk that has a bad block behind them. */
async function* broken(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
  throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
}

async function* whole(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** What came before the error, and the error. */
async function until(records: AsyncIterable<readonly InputRecord[]>): Promise<[string[], unknown]> {
  const texts: string[] = [];
  const error = await rejection(
    (async () => {
      for await (const some of records) texts.push(...some.map(({ text }) => text));
    })(),
  );
  return [texts, error];
}

describe('an input that cannot be read to its end', () => {
  it.each([
    ['json', ['1\n2\n', '\n4\n5'], ['1', '2', '4'], 'in:5'],
    ['lines', ['one\r\ntw', 'o\nthr'], ['one', 'two'], 'in:3'],
    ['nul', ['one\0two\0'], ['one', 'two'], 'in:3'],
    ['csv', ['a,b\n1,2\n3,', '4\n5,6'], ['{"a":"1","b":"2"}', '{"a":"3","b":"4"}'], 'in:4'],
    ['json', [], [], 'in:1'],
    ['csv', [], [], 'in:1'],
  ] as const)(
    'gives the records (%s) before the error, which names file and line',
    async (format, chunks, texts, place) => {
      const [found, error] = await until(recordsOf(format, broken(...chunks), 'in'));
      expect(found).toEqual(texts);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toBe(`Cannot read the input ${place}: EIO: i/o error, read`);
    },
  );

  it('is a folder, or is there no more', async () => {
    mkdirSync(file('folder'));
    const [, folder] = await until(recordsOf('lines', new FileBytes(file('folder')), 'folder'));
    expect((folder as Error).message).toMatch(/^Cannot read the input folder:1: EISDIR/);
    const [, gone] = await until(recordsOf('csv', new FileBytes(file('gone')), 'gone'));
    expect((gone as Error).message).toMatch(/^Cannot read the input gone:1: ENOENT/);
  });
});

describe('the records of a CSV', () => {
  const rows = range(20_000).map((row) => `${row},"é ""${row}""\nsecond line"\n`);
  const text = `a,b\n${rows.join('')}`;

  it('are the same in a file and in pieces', async () => {
    writeFileSync(file('large.csv'), text);
    const bytes = new FileBytes(file('large.csv'));
    const records = (await collect(recordsOf('csv', bytes, 'large.csv'))).flat();
    expect(records).toHaveLength(20_000);
    expect(records.at(-1)).toEqual({
      text: JSON.stringify({ a: '19999', b: 'é "19999"\nsecond line' }),
      line: 40_001,
    });
    expect(bytes.bytesRead).toBe(Buffer.byteLength(text));
    const pieces = [text.slice(0, 100_001), text.slice(100_001, 100_007), text.slice(100_007)];
    expect((await collect(recordsOf('csv', whole(...pieces), 'pieces'))).flat()).toEqual(records);
  });

  it('end before a fault, with none behind it, though others have come with it', async () => {
    const [found, error] = await until(recordsOf('csv', whole('a,b\n1,2\n3\n4,5\n', '6,7\n'), 'in'));
    expect(found).toEqual(['{"a":"1","b":"2"}']);
    expect((error as Error).message).toMatch(/^in:3: Invalid Record Length/);
  });

  it('need no line end behind the last', async () => {
    expect((await collect(recordsOf('csv', whole('a\n1\n2'), 'in'))).flat().map(({ text: json }) => json)).toEqual([
      '{"a":"1"}',
      '{"a":"2"}',
    ]);
  });

  it.each([
    [
      'that are mixed',
      'a,b\n1,2\r\n3,4\n',
      [
        [{ a: '1', b: '2' }, 2],
        [{ a: '3', b: '4' }, 3],
      ],
    ],
    [
      'that are mixed the other way',
      'a,b\r\n1,2\n3,4',
      [
        [{ a: '1', b: '2' }, 2],
        [{ a: '3', b: '4' }, 3],
      ],
    ],
    [
      'of an old Mac',
      'a,b\r1,2\r\r"3\n",4\r',
      [
        [{ a: '1', b: '2' }, 2],
        [{ a: '3\n', b: '4' }, 4],
      ],
    ],
    ['behind headers alone', 'a,b\r', []],
    [
      'with a lone \\r within a value',
      'a,"b\rb"\n1\r1,2\n3,4\n',
      [
        [{ a: '1\r1', 'b\rb': '2' }, 2],
        [{ a: '3', 'b\rb': '4' }, 3],
      ],
    ],
    [
      'in quotes, each of which is a line',
      'a,"b\r\nb"\r\n1,"2\r\n\r\n2"\r\n3,4\r\n',
      [
        [{ a: '1', 'b\r\nb': '2\r\n\r\n2' }, 5],
        [{ a: '3', 'b\r\nb': '4' }, 6],
      ],
    ],
  ])('have line ends %s, wherever the bytes are parted', async (_title, csv, expected) => {
    const records = expected.map(([record, line]) => ({ text: JSON.stringify(record), line }));
    for (let at = 0; at <= csv.length; at++) {
      const found = await collect(recordsOf('csv', whole(csv.slice(0, at), csv.slice(at)), 'in'));
      expect(found.flat()).toEqual(records);
    }
  });

  it('are told of by the line of a fault, behind line ends in quotes', async () => {
    const [found, error] = await until(recordsOf('csv', whole('a,b\r\n"1\r\n1",2\r\n3\r\n'), 'in'));
    expect(found).toEqual([JSON.stringify({ a: '1\r\n1', b: '2' })]);
    expect((error as Error).message).toMatch(/^in:4: Invalid Record Length: .* on line 4/);
  });
});
