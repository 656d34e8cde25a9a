import { Session } from 'node:inspector';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { referenceOf } from '#lib/references/reference.js';
import { tasksFrom } from '#lib/references/tasks-from.js';
import { counterOf, madeHere, mimic } from '../fixtures/modules/closures.js';
import { Tool } from '../fixtures/modules/forms.js';
import { program, run } from '../fixtures/run-program.js';
import { rejection, thrown } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

const make = poolsOf();

describe('a reference', () => {
  it.each([[1], [undefined], ['square'], [{ call() {} }]])('is none of what is no function: %p', (value) => {
    expect(thrown(() => referenceOf(value))).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/^Expected `fn` to be a function, got /),
    });
    expect(thrown(() => referenceOf(value, 'initializer'))).toMatchObject({
      message: expect.stringMatching(/^Expected `initializer` to be a function, got /),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['a bound function', madeHere.bind(undefined), /a function that is not bound/],
    ['a Proxy', new Proxy(madeHere, {}), /not a Proxy/],
    ['a class', Tool, /a class cannot be called/],
    ['a bound native function', Math.max.bind(undefined, 1), /a function that is not bound/],
  ])('refuses %s', (_, value, message) => {
    expect(thrown(() => referenceOf(value, 'finalizer'))).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(message),
    });
    expect((thrown(() => referenceOf(value, 'finalizer')) as Error).message).toContain('`finalizer`');
  });

  it('is no refusal of a method whose name begins as a class does', () => {
    const tags = {
      class: (x: number) => x,
      class$(x: number) {
        return x;
      },
      classé(x: number) {
        return x;
      },
      classes: {
        class(x: number) {
          return x;
        },
      },
    };
    for (const method of [tags.class, tags.class$, tags.classé, tags.classes.class])
      expect(referenceOf(method)).toMatchObject({ kind: 'source' });
  });

  it('is the same for the same function', () => {
    const local = (x: number): number => x;
    expect(referenceOf(local)).toBe(referenceOf(local));
    expect(referenceOf(madeHere)).toBe(referenceOf(madeHere));
    const { square } = tasksFrom<typeof import('../fixtures/tasks.js')>('/tasks.js');
    expect(referenceOf(square)).toBe(referenceOf(square));
  });

  it('is the same for functions made at the same place', () => {
    const [first, second] = [1, 2].map(
      () =>
        (x: number): number =>
          x * 3,
    );
    expect(referenceOf(first)).toBe(referenceOf(second));
    expect(referenceOf(first)).toMatchObject({ kind: 'source' });
  });

  it('is found in a millisecond or so, once a script is known', () => {
    referenceOf(Tool.make);
    // oxlint-disable-next-line typescript/no-implied-eval -- code of no file is the point
    const all = Array.from({ length: 200 }, () => new Function('x', 'return x') as () => unknown);
    const start = performance.now();
    for (const fn of all) referenceOf(fn);
    expect((performance.now() - start) / all.length).toBeLessThan(20);
  });

  it('tells two closures of one function apart by what they are', () => {
    expect(referenceOf(madeHere)).toMatchObject({ kind: 'export', path: ['madeHere'] });
    expect(thrown(() => referenceOf(counterOf(1)))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
  });

  it('is by the text of a wrapper itself, not by that of the function it says it is', () => {
    for (const wrapper of [mimic((x: number) => x + 1), mimic((x: number) => x * 100)]) {
      expect(thrown(() => referenceOf(wrapper))).toMatchObject({
        code: 'ERR_TASK_NOT_FOUND',
        message: expect.stringContaining('it captures `fn`'),
      });
    }
  });

  it('that cannot be is refused with what was tried, and what to do', () => {
    const error = thrown(() => referenceOf(counterOf(1))) as Error;
    expect(error.message).toMatch(
      /^Cannot send the function to a worker: it captures `counter`, `step`, which a worker does not have, and file:.*closures\.js is not seen to export it\. Export it from a module, pass what it needs as an argument, or import that within it: `\(await import\('node:fs'\)\)`\. If a module exports it, but was bundled or hides it: `tasksFrom\(new URL\(.*\)\)\.itsName`, or `\.default`$/,
    );
    const captured = 1;
    const named = (): number => captured;
    expect((thrown(() => referenceOf(named)) as Error).message).toMatch(
      /^Cannot send the function `named` to a worker: it captures `captured`, /,
    );
  });
});

describe('where the inspector fails', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('a function cannot be named, and the error says what the inspector said', () => {
    jest.spyOn(Session.prototype, 'connect').mockImplementation(() => {
      throw new Error('Session is already in use');
    });
    const here = (x: number): number => x - 7;
    expect(thrown(() => referenceOf(here))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringMatching(
        /^Cannot find out where the function `here` comes from: Session is already in use\. Under the Permission Model there is no inspector\. Name it by `tasksFrom\(/,
      ),
      cause: { message: 'Session is already in use' },
    });
  });
});

describe.each(walled)('%s', (_, Kind) => {
  it('rejects a promise, and throws from what returns none, for a function that cannot travel', async () => {
    const pool = make(Kind, 1);
    const local = 1;
    const closure = (x: number): number => x + local;
    const expected = { code: 'ERR_TASK_NOT_FOUND', message: expect.stringContaining('`local`') };
    expect(await rejection(pool.apply(closure, [1]))).toMatchObject(expected);
    expect(await rejection(pool.map(closure, [1]))).toMatchObject(expected);
    expect(thrown(() => pool.applyAsync(closure, [1]))).toMatchObject(expected);
    expect(thrown(() => pool.imap(closure, [1]))).toMatchObject(expected);
    expect(await pool.apply((x: number) => x + 1, [1])).toBe(2);
  });
});

describe('under the Permission Model', () => {
  const flag = process.version.startsWith('v20.') ? '--experimental-permission' : '--permission';
  const allowed = ['--allow-fs-read=*', '--allow-fs-write=*', '--allow-child-process', '--allow-worker'];

  it('only native functions and those of tasksFrom can be named, and the error says so', async () => {
    const { stdout } = await run([flag, ...allowed, '--no-warnings', program('permission.js')]);
    const cure = 'Under the Permission Model there is no inspector. Name it by `tasksFrom(';
    const refused = [`ERR_TASK_NOT_FOUND ${cure}`, `ERR_TASK_NOT_FOUND ${cure}`];
    expect(JSON.parse(stdout)).toEqual({
      Pool: [9, 3, ...refused],
      ThreadPool: [9, 3, ...refused],
      AsyncPool: [9, 3, 4, 1],
    });
  });
});
