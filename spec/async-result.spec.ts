import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { AsyncResult, checkTimeout, within, type Callbacks, type Settle } from '#lib/async-result.js';
import { TimeoutError } from '#lib/errors.js';
import { program, run } from './fixtures/run-program.js';
import { rejection, thrown, until } from './helpers.js';

interface Pending<T> {
  readonly result: AsyncResult<T>;
  readonly settle: Settle<T>;
}

function pending<T>(callbacks?: Callbacks<T>): Pending<T> {
  let settle: Settle<T> | undefined;
  const result = new AsyncResult<T>((given) => (settle = given), callbacks);
  return { result, settle: settle as unknown as Settle<T> };
}

const unobserved: unknown[] = [];
const listener = (message: unknown): void => void unobserved.push(message);
subscribe('forkpool:result:unobserved', listener);
afterAll(() => void unsubscribe('forkpool:result:unobserved', listener));
afterEach(() => void (unobserved.length = 0));
afterEach(() => void jest.restoreAllMocks());

describe('an AsyncResult', () => {
  it('is a promise', async () => {
    const { result, settle } = pending<number>();
    const finished = jest.fn();
    const all = [result, result.then((value) => value + 1), result.finally(finished), Promise.resolve(result)];
    settle.resolve(1);
    expect(await Promise.all(all)).toEqual([1, 2, 1, 1]);
    expect(finished).toHaveBeenCalledTimes(1);
    expect(Object.prototype.toString.call(result)).toBe('[object AsyncResult]');
  });

  it('rejects as a promise does', async () => {
    const { result, settle } = pending();
    const caught = result.catch((error: unknown) => [error]);
    settle.reject('no');
    expect([await caught, await rejection(result), await rejection(result.then(null))]).toEqual([['no'], 'no', 'no']);
  });

  it('knows whether it is ready, and whether it was successful', () => {
    const { result, settle } = pending();
    expect(result.ready()).toBe(false);
    expect(thrown(() => result.successful())).toMatchObject({ code: 'ERR_NOT_READY' });
    settle.resolve(undefined);
    expect([result.ready(), result.successful()]).toEqual([true, true]);
  });

  it('keeps its first outcome', async () => {
    const { result, settle } = pending();
    settle.reject('first');
    settle.resolve('second');
    settle.reject('third');
    expect([result.successful(), await rejection(result.get())]).toEqual([false, 'first']);
  });

  it('may be settled while it is made', async () => {
    expect(await new AsyncResult((settle) => settle.resolve('at once'))).toBe('at once');
  });

  it('throws what its start throws', () => {
    const start = (): void => {
      throw new TypeError('not a function');
    };
    expect(() => new AsyncResult(start)).toThrow('not a function');
  });
});

describe('get', () => {
  it('gives up after its time limit, and can be asked again', async () => {
    const { result, settle } = pending();
    const error = await rejection(result.get(1));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', message: 'Not ready within 1 ms' });
    settle.resolve('late');
    expect(await result.get(1)).toBe('late');
  });

  it('with 0 is a poll', async () => {
    const { result, settle } = pending();
    expect(await rejection(result.get(0))).toBeInstanceOf(TimeoutError);
    settle.resolve('there');
    expect(await result.get(0)).toBe('there');
  });

  it('with 0 waits for nothing: a result that comes in the same turn is too late', async () => {
    const { result, settle } = pending();
    const polled = rejection(result.get(0));
    settle.resolve('there');
    expect(await polled).toBeInstanceOf(TimeoutError);
  });

  it('with 0, time and again, lets the result arrive', async () => {
    const { result, settle } = pending();
    setTimeout(() => settle.resolve('there'), 5);
    let polls = 0;
    while ((await result.get(0).catch(() => undefined)) === undefined) polls++;
    expect([await result.get(0), polls > 0]).toEqual(['there', true]);
  });

  it('rejects with what the task threw', async () => {
    const { result, settle } = pending();
    settle.reject('no');
    expect([await rejection(result.get()), await rejection(result.get(0))]).toEqual(['no', 'no']);
  });
});

describe('wait', () => {
  it('never rejects', async () => {
    const { result, settle } = pending();
    await result.wait(1);
    expect(result.ready()).toBe(false);
    const waiting = result.wait();
    settle.reject('no');
    await waiting;
    await result.wait(0);
    expect(result.ready()).toBe(true);
  });
});

describe('a time limit', () => {
  it.each([undefined, 0, 0.5, 2 ** 40, Infinity])('may be %p', (timeout) => {
    expect(() => checkTimeout(timeout)).not.toThrow();
  });

  it.each([
    ['5', TypeError],
    [null, TypeError],
    [-1, RangeError],
    [NaN, RangeError],
  ])('may not be %p', async (timeout, Expected) => {
    const { result } = pending();
    expect(thrown(() => checkTimeout(timeout))).toBeInstanceOf(Expected);
    expect(await rejection(result.get(timeout as never))).toBeInstanceOf(Expected);
    expect(await rejection(result.wait(timeout as never))).toBeInstanceOf(Expected);
  });

  it('leaves nothing with the result when it has passed, however often', async () => {
    const { result, settle } = pending();
    const then = jest.spyOn(result, 'then');
    for (let polls = 0; polls < 5; polls++) expect(await rejection(result.get(1))).toBeInstanceOf(TimeoutError);
    expect(then).toHaveBeenCalledTimes(1);
    const got = [result.get(60_000), result.get(60_000)];
    settle.resolve(7);
    expect(await Promise.all(got)).toEqual([7, 7]);
  });

  it('leaves no timer when the wait has ended', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await within(Promise.resolve(1), 60_000, false);
    expect(timers()).toBe(before);
  });
});

describe('callbacks', () => {
  it('are called once with the outcome, before it is ready', () => {
    const seen: unknown[] = [];
    const one: Pending<string> = pending<string>({
      callback: (value) => seen.push(value, one.result.ready()),
      errorCallback: () => seen.push('wrong'),
    });
    one.settle.resolve('yes');
    const two: Pending<unknown> = pending<unknown>({
      callback: () => seen.push('wrong'),
      errorCallback: (e) => seen.push(e, two.result.ready()),
    });
    two.settle.reject('no');
    two.settle.reject('again');
    expect(seen).toEqual(['yes', false, 'no', false]);
  });

  it.each(['callback', 'errorCallback'] as const)('that throw make the result an error: %s', async (name) => {
    const { result, settle } = pending({
      [name]: () => {
        throw new Error('in the callback');
      },
    });
    if (name === 'callback') settle.resolve(1);
    else settle.reject('no');
    expect(await rejection(result.get())).toMatchObject({ message: 'in the callback' });
  });

  it('that reject become a warning, and change nothing', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { result, settle } = pending({ callback: () => Promise.reject(new Error('later')) });
    settle.resolve(1);
    expect(await result).toBe(1);
    await Promise.resolve();
    expect(warn.mock.calls).toEqual([[expect.objectContaining({ message: 'later' })]]);
  });
});

describe('a failure that nobody asked for', () => {
  it('is published', () => {
    pending().settle.reject('no');
    expect(unobserved).toEqual([{ error: 'no' }]);
  });

  it('is not published when somebody waits', async () => {
    const { result, settle } = pending();
    const asked = rejection(result.get());
    settle.reject('no');
    await asked;
    expect(unobserved).toEqual([]);
  });

  it('is none when it succeeded', () => {
    pending<number>().settle.resolve(1);
    expect(unobserved).toEqual([]);
  });

  it('raises no unhandledRejection, and one that was asked for and not handled does', async () => {
    const { stdout, stderr, code } = await run([program('unobserved.js')]);
    expect([stderr, code]).toEqual(['', 0]);
    expect(JSON.parse(stdout)).toEqual({
      published: ['nobody asked', 'only polled'],
      unhandled: ['asked and dropped'],
    });
  });
});

describe('the promise of a callback that rejects', () => {
  it.each<[string, () => unknown]>([
    ['a promise', () => Promise.reject(new Error('late'))],
    ['an AsyncResult', () => new AsyncResult((settle) => settle.reject(new Error('late')))],
    // oxlint-disable-next-line unicorn/no-thenable -- the subject
    ['a thenable', () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('late')) })],
  ])('becomes a warning: %s', async (_, callback) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const result = new AsyncResult<number>((settle) => settle.resolve(1), { callback });
    expect(await result).toBe(1);
    await until('it is warned of', () => warn.mock.calls.length === 1);
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ message: 'late' });
    warn.mockRestore();
  });

  it('becomes a warning, though what it rejects with has no text of its own', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { settle } = pending({ callback: () => Promise.reject(Object.create(null) as Error) });
    settle.resolve(1);
    await until('it is warned of', () => warn.mock.calls.length === 1);
    expect(warn.mock.calls[0]?.[0]).toMatchObject({
      message: 'A callback rejected with [Object: null prototype] {}',
    });
    warn.mockRestore();
  });
});
