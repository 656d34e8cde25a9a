import { describe, expect, it } from '@jest/globals';
import * as vm from 'node:vm';
import { cloneSize } from '#lib/wire/clone-size.js';

const bytes = new Uint8Array(1000);
const { buffer } = bytes;
const sizeOf = (value: unknown): number | undefined => cloneSize(value, new Set([buffer]));

describe('what structured clone copies', () => {
  it('is 8 bytes for each primitive value, key, list and object, and the letters of strings', () => {
    expect([sizeOf(1), sizeOf('abc'), sizeOf([1, 2]), sizeOf({ a: null })]).toEqual([8, 11, 24, 24]);
  });

  it('is nothing of what moves', () => {
    expect(sizeOf([buffer, bytes, new DataView(buffer, 8, 100)])).toBe(32);
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
    ['a circle', circle],
    ['what lies deep', deep],
  ])('is not known of %s, wherever it is', (_, value) => {
    for (const holder of [value, [1, value], { key: { value } }]) expect(sizeOf(holder)).toBeUndefined();
  });

  it('is not known of what has moved before', () => {
    expect(cloneSize([gone], new Set([gone]))).toBeUndefined();
    expect(cloneSize([view], new Set([gone]))).toBeUndefined();
  });
});
