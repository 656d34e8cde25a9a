import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { Pool } from 'forkpool';
import { NO_COPY, ownCopy } from '#lib/wire/own-copy.js';
import { range } from '../helpers.js';

class Point {
  x = 1;
}

function argumentsOf(): IArguments {
  return arguments;
}

const shared = { a: 1 };
const circle: Record<string, unknown> = {};
circle['self'] = circle;
const throwing = {
  get a() {
    throw new Error('not now');
  },
};

describe('a copy of its own', () => {
  it.each([
    [undefined],
    [null],
    [-0],
    [Number.NaN],
    [1n],
    ['text'],
    [true],
    [{}],
    [[]],
    [[1, 'two', null, [false], undefined]],
    [{ b: 1, a: { list: [{ x: 1 }, { x: undefined }] }, 7: 'seven', '': null }],
    [Object.freeze({ frozen: [Object.freeze([1])] })],
    [new Point()],
    [Object.assign(new Point(), { toJSON: 1 })],
    [range(100)],
    ['x'.repeat(1000)],
  ])('is what the serializer makes of it: %p', (value: unknown) => {
    expect(ownCopy(value)).toStrictEqual(deserialize(serialize(value)));
  });

  it('has no part in common with it', () => {
    const value = { list: [{ x: 1 }] };
    const copy = ownCopy(value);
    value.list[0] = { x: 2 };
    value.list.push({ x: 3 });
    expect(copy).toEqual({ list: [{ x: 1 }] });
  });

  it('asks each getter once', () => {
    let asked = 0;
    const value = {
      get a() {
        return ++asked;
      },
    };
    expect([ownCopy(value), asked]).toEqual([{ a: 1 }, 1]);
  });

  it('is none where all objects have a member', () => {
    const every: object = Object.prototype;
    Object.defineProperty(every, 'shared', { configurable: true, enumerable: true, value: 1 });
    try {
      expect(ownCopy({ a: 1 })).toBe(NO_COPY);
    } finally {
      Reflect.deleteProperty(every, 'shared');
    }
  });

  it('may have leaves of one kind alone', () => {
    const isString = (value: unknown): boolean => typeof value === 'string';
    expect([ownCopy({ a: ['b'] }, isString), ownCopy({ a: ['b', 1] }, isString)]).toEqual([{ a: ['b'] }, NO_COPY]);
  });

  it.each<[string, unknown]>([
    ['a function', range],
    ['a function in a list', [range]],
    ['a hole', Array(1)],
    ['a hole beside a name', Object.assign(Array(1), { name: 1 })],
    ['a list with a name', Object.assign([1], { name: 1 })],
    ['a list of a class', new (class extends Array<number> {})()],
    ['a date', { at: new Date(0) }],
    ['a map', new Map()],
    ['bytes', { bytes: Buffer.from('bytes') }],
    ['shared memory', new SharedArrayBuffer(8)],
    ['an error', new Error('failed')],
    ['an error in disguise', Object.setPrototypeOf(new Error('failed'), Object.prototype)],
    ['arguments', argumentsOf()],
    ['an iterator', [1].values()],
    ['a module of the platform', Math],
    ['a proxy', new Proxy({ a: 1 }, {})],
    ['a proxy of a list', new Proxy([1], {})],
    ['an object without a prototype', Object.create(null)],
    ['an object of no class', new Intl.Segmenter().segment('text')],
    ['a map in disguise', Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype)],
    ['bytes in disguise', Object.setPrototypeOf(new Uint8Array(2), Object.prototype)],
    ['no bytes in disguise', Object.setPrototypeOf(new Uint8Array(), Object.prototype)],
    ['a promise in disguise', Object.setPrototypeOf(Promise.resolve(1), Point.prototype)],
    ['a pool', Object.create(Pool.prototype)],
    ['what is there twice', [shared, shared]],
    ['what holds itself', circle],
    ['a member that would be a prototype', JSON.parse('{ "a": { "__proto__": { "b": 1 } } }')],
    ['a getter that throws', throwing],
    ['a promise', Promise.resolve(1)],
    ['a boxed number', Object(1)],
    ['many values', range(1000)],
    ['many values, in groups', range(200).map(() => [1, 2])],
  ])('there is none of %s', (_, value) => {
    expect(ownCopy(value)).toBe(NO_COPY);
  });
});
