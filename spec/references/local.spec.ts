import { describe, expect, it } from '@jest/globals';
import { AsyncPool, tasksFrom } from 'forkpool';
import { localReferenceOf } from '#lib/references/local.js';
import { square } from '../fixtures/tasks.js';
import { thrown } from '../helpers.js';
import { poolsOf } from '../pools.js';

const make = poolsOf();

describe('a reference within this program', () => {
  it('is the function itself, once for each', () => {
    expect(localReferenceOf(square)).toEqual({ kind: 'local', fn: square });
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
});
