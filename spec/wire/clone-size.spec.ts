import { describe, expect, it } from '@jest/globals';
import * as vm from 'node:vm';
import { cloneSize } from '#lib/wire/clone-size.js';

const bytes = new Uint8Array(1000);
const { buffer } = bytes;
const sizeOf = (value: unknown): number | undefined => cloneSize(value, new Set([buffer]));

describe('what structured clone copies', () => {
  it('is 8 bytes for each primitive value, key, list and object, and the length of texts', () => {
    expect([sizeOf(1), sizeOf('abc'), sizeOf([1, 2]), sizeOf({ a: null })]).toEqual([8, 11, 24, 25]);
  });

  it('is nothing of what moves', () => {
    expect(sizeOf([buffer, bytes, new DataView(buffer, 8, 100)])).toBe(32);
  });

  /** A view that says that it begins and ends elsewhere. */
  const viewAt = (byteOffset: number, byteLength: number): DataView =>
    Object.defineProperties(new DataView(buffer), {
      byteOffset: { value: byteOffset },
      byteLength: { value: byteLength },
    });

  it('is known of views up to 4 GiB, whose place fits into 32 bits', () => {
    expect(sizeOf(viewAt(2 ** 31, 2 ** 31 - 1))).toBe(8);
    expect([sizeOf(viewAt(2 ** 31, 2 ** 31)), sizeOf(viewAt(0, 2 ** 32))]).toEqual([undefined, undefined]);
  });

  const twice = {};
  const circle: unknown[] = [];
  circle.push(circle);
  const gone = new ArrayBuffer(8);
  const view = new Uint8Array(gone);
  structuredClone(gone, { transfer: [gone] });
  let deep: unknown = 1;
  for (let n = 0; n < 200; n++) deep = [deep];

  it.each<[string, unknown]>([
    ['a view of memory that stays', new Uint8Array(8)],
    ['memory that stays', new ArrayBuffer(8)],
    ['shared memory', new SharedArrayBuffer(8)],
    ['a Buffer', Buffer.from(buffer)],
    ['an error', new Error('no')],
    ['a URL', new URL('file:///')],
    ['a Map', new Map()],
    ['a Date', new Date()],
    ['an object of a class', Object.create({ method: () => 1 })],
    ['an array of a class', Object.setPrototypeOf([], Object.create(Array.prototype) as object)],
    ['an object of another context', vm.runInNewContext('({})')],
    ['a proxy', new Proxy({}, {})],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['an object that is there twice', [twice, twice]],
    ['memory that moves, twice', [buffer, buffer]],
    ['a list with holes', Object.assign([], { 2: 1 })],
    ['a list with a property', Object.assign([1], { a: 1 })],
    [
      'a getter',
      {
        get a() {
          return 1;
        },
      },
    ],
    ['an error that looks like an object', Object.setPrototypeOf(new Error('no'), Object.prototype)],
    ['a Set that looks like an object', Object.setPrototypeOf(new Set(), null)],
    ['a circle', circle],
    ['what lies deep', deep],
  ])('is not known of %s, wherever it is', (_, value) => {
    for (const holder of [value, [1, value], { key: { value } }]) expect(sizeOf(holder)).toBeUndefined();
  });

  it('is not known of memory that can be resized', () => {
    // Types do not have it yet.
    const resizable = new (ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer)(8, {
      maxByteLength: 16,
    });
    expect(cloneSize([resizable], new Set([resizable]))).toBeUndefined();
    expect(cloneSize([new Uint8Array(resizable)], new Set([resizable]))).toBeUndefined();
  });

  it('is not known of what has moved before', () => {
    expect(cloneSize([gone], new Set([gone]))).toBeUndefined();
    expect(cloneSize([view], new Set([gone]))).toBeUndefined();
  });
});
