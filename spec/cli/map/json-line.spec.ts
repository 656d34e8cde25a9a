import { describe, expect, it } from '@jest/globals';
import { errorJson, jsonOf, wholeErrorJson } from '#lib/cli/map/json-line.js';

const bytes = Buffer.from('hi');
const error = Object.assign(new TypeError('odd', { cause: new Error('deeper') }), { code: 'EODD', path: '/x' });

describe('a line of the output', () => {
  it.each([
    ['a number', 1.5, '1.5'],
    ['text with line ends', 'a\nb', '"a\\nb"'],
    ['nothing', undefined, 'null'],
    ['NaN', NaN, 'null'],
    ['an object', { a: [1, { b: null }], c: undefined }, '{"a":[1,{"b":null}]}'],
    ['a Buffer, alone', bytes, '"aGk="'],
    ['a Buffer, within', { bytes }, '{"bytes":"aGk="}'],
    [
      'other bytes',
      [new Uint8Array(bytes), bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 2)],
      '["aGk=","aGk="]',
    ],
    ['a BigInt', 12345678901234567890n, '"12345678901234567890"'],
    ['a Map', new Map([['a', 1n]]), '[["a","1"]]'],
    ['a Set', { set: new Set([1, 2]) }, '{"set":[1,2]}'],
    ['a Date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['an error', { error }, '{"error":{"name":"TypeError","message":"odd","code":"EODD"}}'],
  ])('holds %s', (_title, value, json) => {
    expect(jsonOf(value)).toBe(json);
  });

  it('is made of a Buffer without an array of its bytes, wherever it stands', () => {
    const asked: (string | undefined)[] = [];
    const toJSON = (): void => void asked.push(new Error('asked here').stack);
    // Its own: that of all Buffers is asked by whatever else prints one.
    const own = Object.assign(Buffer.from('hi'), { toJSON });
    const sparse: unknown[] = [own];
    sparse[2] = own;
    const value = { own, deep: { list: sparse, map: new Map([['a', own]]), set: new Set([own]) } };
    expect(jsonOf(value)).toBe(
      '{"own":"aGk=","deep":{"list":["aGk=",null,"aGk="],"map":[["a","aGk="]],"set":["aGk="]}}',
    );
    expect(jsonOf(own)).toBe('"aGk="');
    expect(asked).toEqual([]);
  });

  it.each([
    ['', {}],
    [', beside a Buffer', { bytes }],
  ])('cannot hold a value that contains itself%s', (_title, own: object) => {
    const value: { self?: object } = { ...own };
    value.self = value;
    expect(() => jsonOf(value)).toThrow('circular');
    expect(errorJson(value)).toContain('[Circular');
  });

  it('tells of an error what does not change from run to run', () => {
    expect(errorJson(error)).toBe('{"name":"TypeError","message":"odd","code":"EODD"}');
    const numbered = Object.assign(new Error('duplicate key'), { code: 11000, errno: 5 });
    expect(errorJson(numbered)).toBe('{"name":"Error","message":"duplicate key","code":11000}');
    expect(errorJson('thrown text')).toBe('"thrown text"');
    expect(errorJson(undefined)).toBe('null');
  });
});

describe('a line of the file of errors', () => {
  it('tells all of it', () => {
    const told = JSON.parse(wholeErrorJson(error)) as Record<string, unknown>;
    expect(told).toMatchObject({
      name: 'TypeError',
      message: 'odd',
      code: 'EODD',
      path: '/x',
      cause: { message: 'deeper' },
    });
    expect(told['stack']).toContain('json-line.spec');
  });

  it('is one line for whatever was thrown', () => {
    expect(wholeErrorJson(undefined)).toBe('null');
    expect(wholeErrorJson(5n)).toBe('"5"');
  });
});
