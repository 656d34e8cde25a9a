import { describe, expect, it } from '@jest/globals';
import { AsyncPool, tasksFrom } from 'forkpool';
import { taskFunctionReference, tasksFrom as tasksFromItsFile } from '#lib/references/tasks-from.js';
import { program, run } from '../fixtures/run-program.js';
import { rejection, thrown } from '../helpers.js';
import { pools, poolsOf } from '../pools.js';

type Forms = typeof import('../fixtures/modules/forms.js');

const make = poolsOf();
const at = (file: string): URL => new URL(`../fixtures/modules/${file}`, import.meta.url);

describe('tasksFrom', () => {
  it('names the functions of a module, and of what it exports', () => {
    const tasks = tasksFromItsFile<Forms>(at('forms.js'));
    const module = at('forms.js').href;
    expect(taskFunctionReference(tasks.plain)).toEqual({ kind: 'export', module, path: ['plain'] });
    expect(taskFunctionReference(tasks.kit.scale)).toEqual({ kind: 'export', module, path: ['kit', 'scale'] });
    expect(tasks.plain).toBe(tasks.plain);
    expect([tasks.plain.name, tasks.kit.scale.name]).toEqual(['plain', 'scale']);
    expect(taskFunctionReference(tasks)).toBeUndefined();
  });

  it('names a function that is called `name`, as any other', async () => {
    const module = 'data:text/javascript,export function name(x) { return `name of ${x}`; }';
    const { name } = tasksFrom<{ name: (x: number) => string }>(module);
    expect(taskFunctionReference(tasksFromItsFile<{ name: () => void }>(module).name)).toEqual({
      kind: 'export',
      module,
      path: ['name'],
    });
    expect([name.name, await make(AsyncPool, 1).apply(name, [1])]).toEqual(['name', 'name of 1']);
  });

  it('gives the same function for the same name, however often it is asked', () => {
    const [one, two] = [tasksFromItsFile<Forms>(at('forms.js')), tasksFromItsFile<Forms>(at('forms.js').pathname)];
    expect(one.kit.scale).toBe(two.kit.scale);
    expect(taskFunctionReference(one.kit.scale)).toBe(taskFunctionReference(two.kit.scale));
    expect(tasksFromItsFile<Forms>(`${at('forms.js').href}?v=2`).plain).not.toBe(one.plain);
  });

  it('does not load the module', async () => {
    tasksFrom(at('throws.js'));
    tasksFrom(at('not-there.js'));
    // Awaited by mistake, or returned from an async function, they are themselves and no promise.
    const tasks = tasksFrom<Forms>(at('forms.js'));
    expect(await Promise.resolve(tasks)).toBe(tasks);
    expect(await Promise.resolve(tasks.kit.scale)).toBe(tasks.kit.scale);
  });

  it('gives functions that are for a pool, not to be called', () => {
    const { plain } = tasksFrom<Forms>(at('forms.js'));
    expect(thrown(() => plain(1))).toMatchObject({
      name: 'TypeError',
      message: `plain of ${at('forms.js').href} is a name for a pool to call: pass it to \`map\` or another method`,
    });
  });

  it('is a module, and no function to call or to give to a pool', async () => {
    const tasks = tasksFrom<Forms>(at('forms.js')) as unknown as () => unknown;
    const expected = {
      name: 'TypeError',
      message: `\`tasksFrom\` names the module ${at('forms.js').href}, not a function: use one of its members, such as \`.default\``,
    };
    expect(thrown(() => tasks())).toMatchObject(expected);
    for (const [, Kind] of pools) expect(await rejection(make(Kind, 1).apply(tasks))).toMatchObject(expected);
  });

  it.each([[1], [undefined], [''], ['./tasks.js'], ['../tasks.js'], [{ href: 'file:///a.js' }]])(
    'refuses what names no module: %p',
    (module) => {
      expect(thrown(() => tasksFrom(module as string))).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('Expected `module` to be a URL, an absolute path or a package'),
      });
    },
  );
});

describe.each(pools)('%s', (name, Kind) => {
  it('runs functions of tasksFrom: by a URL, its text, or an absolute path', async () => {
    const pool = make(Kind, 1);
    for (const module of [at('forms.js'), at('forms.js').href, at('forms.js').pathname]) {
      const { other, Tool, kit } = tasksFrom<Forms>(module);
      expect(await pool.apply(other, [1])).toEqual(['renamed', 1, 'of the module']);
      expect(await pool.map(kit.scale, [1, 2])).toEqual([1, 2].map((x) => ['scale', 5 * x, 'of the module']));
      expect(await pool.apply(Tool.make, [2])).toEqual(['make', 6, 'of the module']);
    }
    const { basename } = tasksFrom<typeof import('node:path')>('node:path');
    expect(await pool.apply(basename, ['/a/b'])).toBe('b');
    const { default: single } = tasksFrom<{ default: (x: number) => unknown }>(at('single.cjs'));
    expect(await pool.apply(single, [1])).toEqual(['single', 1, 'of the cjs']);
  });

  it('fails a task of a name that is not there, saying what is', async () => {
    const pool = make(Kind, 1);
    const { arow, kit } = tasksFrom<{ arow: (x: number) => unknown; kit: { scal: (x: number) => unknown } }>(
      at('forms.js'),
    );
    expect(await rejection(pool.apply(arow, [1]))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringMatching(
        /^There is no `arow`: cannot find arow of file:.*forms\.js\. What is there: .*arrow/,
      ),
    });
    expect(await rejection(pool.apply(kit.scal, [1]))).toMatchObject({
      message: expect.stringMatching(/^There is no `scal`: cannot find kit\.scal of .* What is there: factor, scale$/),
    });
  });

  it('fails a task of what is no function', async () => {
    const { kit } = tasksFrom<{ kit: { factor: () => unknown } }>(at('forms.js'));
    expect(await rejection(make(Kind, 1).apply(kit.factor))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringMatching(/^kit\.factor of .* is not a function, but of type number$/),
    });
  });

  // The test runner, which AsyncPool imports by, has an error of its own.
  const notFound = name === 'AsyncPool' ? {} : { cause: { code: 'ERR_MODULE_NOT_FOUND' } };

  it('fails a task of a module that is not there, or throws, with that as the cause; and goes on', async () => {
    const pool = make(Kind, 1);
    const { none } = tasksFrom<{ none: () => unknown }>(at('not-there.js'));
    const { all } = tasksFrom<{ all: () => unknown }>(at('throws.js'));
    const { gone } = tasksFrom<{ gone: () => unknown }>('no-such-package');
    expect(await rejection(pool.apply(none))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', ...notFound });
    const error = (await rejection(pool.apply(all))) as Error;
    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', cause: { message: 'not today' } });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(await rejection(pool.apply(gone))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', ...notFound });
    const { any } = tasksFrom<{ any: () => unknown }>(at('throws-nothing-known.js'));
    expect(await rejection(pool.apply(any))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
    const { plain } = tasksFrom<Forms>(at('forms.js'));
    expect(await pool.apply(plain, [1])).toEqual(['plain', 1, 'of the module']);
  });
});

it.each(pools)('%s imports a module as no task: what that begins is its own', async (name, Kind) => {
  const pool = make(Kind, 1);
  const { kinds } = tasksFrom<{ kinds: () => unknown }>(at('where.js'));
  const kind = { Pool: 'process', ThreadPool: 'thread', AsyncPool: undefined }[name];
  expect(await pool.apply(kinds)).toEqual([kind, kind, kind ?? 'async']);
});

describe('a package', () => {
  it('is resolved from the main script, wherever the program was started', async () => {
    const { stdout, stderr } = await run([program('package-tasks.js')], { cwd: '/' });
    expect([stdout, stderr]).toEqual(['Pool true\nThreadPool true\nAsyncPool true\n', '']);
  });
});
