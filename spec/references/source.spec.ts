import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { referenceOf } from '#lib/references/reference.js';
import type { SourceReference } from '#lib/wire/reference.js';
import { refused, throwing, travelling } from '../fixtures/modules/sources.js';
import { program, run } from '../fixtures/run-program.js';
import { rejection, thrown } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

const make = poolsOf();

type Case = [fn: (...args: unknown[]) => unknown, args: unknown[], result: unknown];
const cases = (travelling() as Case[]).map(([fn, args, result]) => [String(fn), fn, args, result] as const);
const refusals = (refused() as [() => unknown, string][]).map(([fn, why]) => [String(fn), why, fn] as const);

describe('a function that captures nothing', () => {
  it.each(cases)('travels by its text: %s', (text, fn) => {
    expect(referenceOf(fn)).toMatchObject({ kind: 'source', text, strict: true });
  });

  it('travels where scripts have declared something for all of them, unless it uses that', () => {
    vm.runInThisContext('const ofEveryScript = 1;');
    const free = vm.runInThisContext('((x) => x + 1)') as () => number;
    const using = vm.runInThisContext('((x) => x + ofEveryScript)') as () => number;
    expect(referenceOf(free)).toMatchObject({ kind: 'source' });
    expect(thrown(() => referenceOf(using))).toMatchObject({
      message: expect.stringContaining('it captures `ofEveryScript`, which'),
    });
  });

  it('is strict only where its code was', () => {
    const sloppy = vm.runInThisContext('(function () { return typeof this; })') as () => string;
    const strict = vm.runInThisContext('(function () { "use strict"; return typeof this; })') as () => string;
    expect([sloppy, strict].map((fn) => (referenceOf(fn) as SourceReference).strict)).toEqual([false, true]);
  });

  it.each<[string, boolean]>([
    ['// of a file\n"other"; \'use strict\';\n((x) => x)', true],
    ["'use strict'; ({ method() { return 1; } }).method", true],
    ["(() => 'use strict')", false],
    ["(() => { 'use strict'; return function () {}; })()", true],
    ["'use strict'; (function () {})", true],
    ['(function () {})', false],
    ['(function* () {})', false],
    ["'use strict'; (function* () {})", true],
    ["'use strict'; (async (x) => x)", true],
  ])('is strict by what stands around it: %s', (text, strict) => {
    const fn = vm.runInThisContext(text) as () => unknown;
    expect(referenceOf(fn)).toMatchObject({ kind: 'source', strict });
  });

  it('keeps its place, for stack traces', async () => {
    const url = new URL('../fixtures/modules/sources.js', import.meta.url);
    const line =
      readFileSync(url, 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('at its place')) + 1;
    for (const [, Kind] of walled) {
      const error = (await rejection(make(Kind, 1).apply(throwing(), [1]))) as Error;
      expect(error.message).toBe('at its place: 1');
      expect(error.stack).toContain(`${url.href}:${line}:`);
    }
  });
});

describe('a function that means something only where it stands', () => {
  it.each(refusals)('is refused: %s, since %s', (_, why, fn) => {
    const error = thrown(() => referenceOf(fn)) as Error;
    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
    expect(error.message).toContain(why);
  });
});

describe.each(walled)('%s', (_, Kind) => {
  it('runs what travels by its text', async () => {
    const pool = make(Kind, 1);
    const results: unknown[] = [];
    for (const [, fn, args] of cases) results.push(await pool.apply(fn, args));
    expect(results).toEqual(cases.map(([, , , result]) => result));
  });

  it('runs sloppy code as such', async () => {
    const pool = make(Kind, 1);
    const sloppy = vm.runInThisContext('(function () { return typeof this; })') as () => string;
    const strict = vm.runInThisContext('(function () { "use strict"; return typeof this; })') as () => string;
    expect([await pool.apply(sloppy), await pool.apply(strict)]).toEqual(['object', 'undefined']);
  });

  it('knows the __name that esbuild puts around functions', async () => {
    const text = '(function (x) { const inner = __name((y) => y + 1, "inner"); return inner(x); })';
    const fn = vm.runInNewContext(`const __name = (f) => f; ${text}`, {}) as (x: number) => number;
    expect(await make(Kind, 1).apply(fn, [1])).toBe(2);
  });
});

describe('where code cannot be made of strings', () => {
  it('functions travel all the same', async () => {
    const flag = '--disallow-code-generation-from-strings';
    expect(await run([flag, program('local-function.js')])).toMatchObject({ stdout: '2 3\n', stderr: '' });
  });
});
