import { describe, expect, it, jest } from '@jest/globals';
import { createRequire } from 'node:module';
import { AsyncPool, Pool, ThreadPool } from 'forkpool';
import { Inspection } from '#lib/references/inspection.js';
import { localReferenceOf } from '#lib/references/local.js';
import { tasksFrom } from '#lib/references/tasks-from.js';
import Nameless from '../fixtures/modules/default-nameless-class.js';
import object from '../fixtures/modules/default-object.js';
import * as forms from '../fixtures/modules/forms.js';
import * as methods from '../fixtures/modules/methods.js';
import { square } from '../fixtures/tasks.js';
import { rejection, thrown } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();
const required = createRequire(import.meta.url)('../fixtures/modules/methods.cjs') as {
  readonly counter: { readonly add: unknown };
  readonly None: { readonly prototype: { readonly add: unknown } };
  readonly large: { readonly area: unknown };
};
const several = createRequire(import.meta.url)('../fixtures/modules/several.cjs') as typeof forms;

describe('a reference within this program', () => {
  it('is the function itself, once for each', () => {
    expect(localReferenceOf(square)).toEqual({ kind: 'local', fn: square, self: undefined });
    expect(localReferenceOf(square)).toBe(localReferenceOf(square));
  });

  it('is by name for a function of tasksFrom', () => {
    const module = new URL('../fixtures/tasks.js', import.meta.url);
    const tasks = tasksFrom<typeof import('../fixtures/tasks.js')>(module);
    expect(localReferenceOf(tasks.square)).toEqual({ kind: 'export', module: module.href, path: ['square'] });
  });

  it('is none of what is no function', () => {
    expect(thrown(() => localReferenceOf(1, 'initializer'))).toMatchObject({
      name: 'TypeError',
      message: 'Expected `initializer` to be a function, got `1` (number)',
    });
  });
});

describe('AsyncPool', () => {
  it('runs functions that could not travel: closures, bound ones, proxies, methods', async () => {
    const pool = make(AsyncPool, 1);
    let calls = 0;
    const closure = (x: number): number => x + ++calls;
    expect(await pool.apply(closure, [1])).toBe(2);
    expect(await pool.apply(closure.bind(undefined, 10))).toBe(12);
    expect(await pool.apply(new Proxy(closure, {}), [1])).toBe(4);
    expect(calls).toBe(3);
  });

  it.each<[string, (...args: never[]) => unknown, unknown]>([
    ['a static method of an exported class', forms.Tool.make as never, ['make', 6, 'of the module']],
    ['a member of an exported object', forms.kit.scale as never, ['scale', 10, 'of the module']],
    ['a method of a default object', object.triple as never, 6],
    ['a static method of a default class', Nameless.double as never, ['default class', 4]],
    ['a member of a default class', Nameless.scale as never, ['default class scale', 4]],
    ['a static method of a CommonJS class', several.Tool.make as never, ['make', 4, 'of the cjs']],
    ['a member of a CommonJS object', several.kit.scale as never, ['scale', 6, 'of the cjs']],
    ['a method of the one instance', methods.special.scale as never, 8],
    ['a method of the one instance that has it', methods.hidden.multiply as never, 10],
    ['a method of the one instance of a CommonJS class', required.counter.add as never, 7],
    ['a member under its own name', methods.second.plus as never, 4],
    ['an arrow function of a class that another one inherits from', methods.Base.ask as never, 'base?2'],
    ['a method that is exported by itself', methods.ofNothing as never, [2, true]],
    ['a static method that the one exported class inherits', methods.Leaf.kind as never, 'leaf/2'],
  ])('calls %s with that as `this`, as the other pools do', async (_, fn, expected) => {
    const task = fn as (x: number) => unknown;
    expect(await make(AsyncPool, 1).apply(task, [2])).toEqual(expected);
    expect(await make(Pool, 1).apply(task, [2])).toEqual(expected);
  });

  it('refuses a method that uses a `this` which nobody knows, as the other pools do', async () => {
    const own = {
      factor: 2,
      scale(x: number): number {
        return x * this.factor;
      },
    };
    for (const Kind of [Pool, ThreadPool, AsyncPool]) {
      const error = (await rejection(make(Kind, 1).apply(own.scale, [1]))) as Error;
      expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
      expect(error.message).toMatch(/^Cannot (?:send|call) the function `scale`.*: it is a method that uses `this`, /);
      expect(error.message).toContain('. Export the object that it belongs to, or pass that as an argument.');
    }
    expect(
      await make(AsyncPool, 1).apply(function (this: unknown) {
        return this === undefined;
      }),
    ).toBe(true);
  });

  it.each<[string, (x: number) => unknown]>([
    ['several instances have', methods.hidden.divide as never],
    ['several instances inherit', methods.hidden.add as never],
    ['is a function of the prototype', (methods.hidden as unknown as { subtract: never }).subtract],
    ['no instance of a default class is exported for', Nameless.prototype.run as never],
    ['no instance of a CommonJS class is exported for', required.None.prototype.add as never],
  ])('refuses a method that uses `this`, which %s, as the other pools do', async (_, method) => {
    for (const Kind of [Pool, ThreadPool, AsyncPool]) {
      expect(await rejection(make(Kind, 1).apply(method, [1]))).toMatchObject({
        code: 'ERR_TASK_NOT_FOUND',
        message: expect.stringContaining("its `this` would be the class's prototype, not an instance"),
      });
    }
  });

  it.each<[string, (x: number) => unknown]>([
    ['several objects', methods.large.area as never],
    ['several classes', methods.User.find as never],
    ['several objects of CommonJS', required.large.area as never],
  ])('refuses a function that uses `this` and that %s have, as the other pools do', async (_, fn) => {
    for (const Kind of [Pool, ThreadPool, AsyncPool]) {
      expect(await rejection(make(Kind, 1).apply(fn, [1]))).toMatchObject({
        code: 'ERR_TASK_NOT_FOUND',
        message: expect.stringContaining('its module exports several objects that have it'),
      });
    }
  });

  it('calls an arrow function that says `this` without looking for what has it', async () => {
    const inspect = jest.spyOn(Inspection, 'of');
    const self = { factor: 3 };
    const made = function (this: typeof self) {
      return (x: number) => x * this.factor;
    }.call(self);
    expect(await make(AsyncPool, 1).apply(made, [2])).toBe(6);
    expect(inspect).not.toHaveBeenCalled();
    inspect.mockRestore();
  });

  it('calls functions of the platform with what they are members of', async () => {
    expect(await make(AsyncPool, 1).apply(Promise.resolve as (x: number) => Promise<number>, [7])).toBe(7);
    expect(await make(AsyncPool, 1).map(Math.abs, [-1, 2])).toEqual([1, 2]);
  });
});
