import { describe, expect, it } from '@jest/globals';
import { referenceOf } from '#lib/references/reference.js';
import type { Reference } from '#lib/wire/reference.js';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { inspect } from 'node:util';
import anonymous from '../fixtures/modules/default-anonymous.js';
import arrow from '../fixtures/modules/default-arrow.js';
import Class from '../fixtures/modules/default-class.js';
import Fields from '../fixtures/modules/default-fields.js';
import named, { namesake } from '../fixtures/modules/default-function.js';
import keys from '../fixtures/modules/default-keys.js';
import laterNamed from '../fixtures/modules/default-later.js';
import longer, { before, behind } from '../fixtures/modules/default-longer.js';
import meta from '../fixtures/modules/default-meta.js';
import Nameless from '../fixtures/modules/default-nameless-class.js';
import object from '../fixtures/modules/default-object.js';
import strict from '../fixtures/modules/default-strict.js';
import variable from '../fixtures/modules/default-variable.js';
import * as forms from '../fixtures/modules/forms.js';
import * as methods from '../fixtures/modules/methods.js';
import { inMjs } from '../fixtures/modules/module.mjs';
import * as again from '../fixtures/modules/re-exports.js';
import * as reassigned from '../fixtures/modules/reassigned.js';
import { twin as one } from '../fixtures/modules/twin-one.js';
import { twin as two } from '../fixtures/modules/twin-two.js';
import { program, run } from '../fixtures/run-program.js';
import { rejection, thrown, where } from '../helpers.js';
import { poolsOf, walled } from '../pools.js';

const make = poolsOf();
const at = (file: string): string => new URL(`../fixtures/modules/${file}`, import.meta.url).href;

/** A function as a value: its parameters are not the point. */
type AnyFunction = (...args: never[]) => unknown;
type Row = [title: string, fn: AnyFunction, file: string, path: string[]];

const { declared, later: asynchronous, many, stream, arrow: exportedArrow, withDefault, plain, $dollar } = forms;
const { inner: renamed, 'a name, with } in it': quoted } = forms;
const inForms = ([name, fn]: [string, AnyFunction]): Row => [name, fn, 'forms.js', [name]];

const exported: Row[] = [
  ...Object.entries({ declared, later: asynchronous, many, stream, arrow: exportedArrow }).map(inForms),
  ...Object.entries({ one: forms.one, two: forms.two, plain, $dollar }).map(inForms),
  ['renamed', forms.other, 'forms.js', ['other']],
  ['under a string', quoted, 'forms.js', ['a name, with } in it']],
  ['destructured', forms.fromObject, 'forms.js', ['fromObject']],
  ['destructured and renamed', renamed as AnyFunction, 'forms.js', ['inner']],
  ['default with a name', named, 'default-function.js', ['default']],
  ['default of a list', variable, 'default-variable.js', ['default']],
  ['exported again', again.again, 'forms.js', ['declared']],
  ['in .mjs', inMjs, 'module.mjs', ['inMjs']],
  ['one of two of the same text', one, 'twin-one.js', ['twin']],
  ['the other of two', two, 'twin-two.js', ['twin']],
];

/** Before others take their places. */
const first = { ...reassigned, kit: { ...reassigned.kit }, by: reassigned.Scale.by };

/** Found, but where another one may be in a worker, or inferred from their text: it is compared before they are called. */
const compared: Row[] = [
  ['a variable', withDefault, 'forms.js', ['withDefault']],
  ['of a list', forms.first as AnyFunction, 'forms.js', ['first']],
  ['a variable that held another one', first.chosen, 'reassigned.js', ['chosen']],
  ['of an object, under another name', first.kit.chosen, 'reassigned.js', ['kit', 'chosen']],
  ['a static one', forms.Tool.make, 'forms.js', ['Tool', 'make']],
  ['a method', forms.Tool.prototype.run, 'forms.js', ['Tool', 'prototype', 'run']],
  ['of an object', forms.kit.scale, 'forms.js', ['kit', 'scale']],
  [
    'a method that mentions no `this`',
    methods.Counter.prototype.twice,
    'methods.js',
    ['Counter', 'prototype', 'twice'],
  ],
  ['a method of the one instance', methods.special.scale, 'methods.js', ['special', 'scale']],
  ['of a default class', Class.double, 'default-class.js', ['default', 'double']],
  ['default without a name', anonymous, 'default-anonymous.js', ['default']],
  ['default arrow', arrow, 'default-arrow.js', ['default']],
  ['default of a module without a variable', meta, 'default-meta.js', ['default']],
  ['default by a variable', laterNamed, 'default-later.js', ['default']],
  ['of a default object', object.double, 'default-object.js', ['default', 'double']],
  ['one of a default object that needs its `this`', object.triple, 'default-object.js', ['default', 'triple']],
  ['an arrow of a default object', object.add, 'default-object.js', ['default', 'add']],
  ['of a default object, under another name', keys.plus, 'default-keys.js', ['default', 'plus']],
  ['of a default object, under a string', keys['quoted-key'], 'default-keys.js', ['default', 'quoted-key']],
  ['of a nameless class, under another name', Fields.times, 'default-fields.js', ['default', 'times']],
  ['of a nameless class', Nameless.double, 'default-nameless-class.js', ['default', 'double']],
  ['held by a nameless class', Nameless.scale, 'default-nameless-class.js', ['default', 'scale']],
];

describe('a function that a module exports', () => {
  it.each(exported)('is named by its module and its export: %s', (_, fn, file, path) => {
    expect(referenceOf(fn)).toEqual({ kind: 'export', module: at(file), path });
  });

  it.each(compared)('is named with its text where another one may be found: %s', (_, fn, file, path) => {
    expect(referenceOf(fn)).toEqual({ kind: 'export', module: at(file), path, text: String(fn) });
  });

  it.each<[string, AnyFunction]>([
    ['a member of a member of a default object', keys.inner.triple],
    ['a field of the instances of a default class', new Fields().scale],
  ])('is refused where its `this` would be missing: %s', (_, fn) => {
    expect(thrown(() => referenceOf(fn))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
  });

  it('is refused in the master where it stands deeper in a default object than a worker would find it', () => {
    expect(thrown(() => referenceOf(keys.inner.deep))).toMatchObject({
      message: expect.stringContaining('it captures `computed`'),
    });
  });

  it('is not named by what only an instance has', () => {
    expect(referenceOf(new Fields().plain)).toMatchObject({ kind: 'source' });
  });

  it('is not meant by another one that has its name', () => {
    expect(referenceOf(namesake())).toMatchObject({ kind: 'source' });
  });

  it('is not meant by another one whose text is how its own begins', () => {
    expect(referenceOf(longer)).toMatchObject({ kind: 'export', path: ['default'] });
    for (const fn of [before(), behind()]) {
      expect(referenceOf(fn)).toMatchObject({ kind: 'source', text: '(x) => x' });
    }
  });

  it('is not exported where only a comment or a string says so', () => {
    expect(thrown(() => referenceOf(forms.hiddenOne()))).toMatchObject({
      code: 'ERR_TASK_NOT_FOUND',
      message: expect.stringContaining('it captures `local`'),
    });
  });
});

describe('a function of the language or of Node', () => {
  it.each<[AnyFunction, Reference]>([
    [Math.sqrt, { kind: 'global', path: ['Math', 'sqrt'] }],
    [JSON.parse, { kind: 'global', path: ['JSON', 'parse'] }],
    [parseInt, { kind: 'global', path: ['parseInt'] }],
    [structuredClone, { kind: 'global', path: ['structuredClone'] }],
    [console.log, { kind: 'global', path: ['console', 'log'] }],
    [process.umask, { kind: 'global', path: ['process', 'umask'] }],
    [process.hrtime, { kind: 'global', path: ['process', 'hrtime'] }],
    [Buffer.from as AnyFunction, { kind: 'global', path: ['Buffer', 'from'] }],
    [process.hrtime.bigint, { kind: 'export', module: 'node:process', path: ['default', 'hrtime', 'bigint'] }],
    [fs.readFileSync, { kind: 'export', module: 'node:fs', path: ['default', 'readFileSync'] }],
    [fs.promises.readFile, { kind: 'export', module: 'node:fs/promises', path: ['default', 'readFile'] }],
    [join, { kind: 'export', module: 'node:path', path: ['default', 'join'] }],
    [later, { kind: 'export', module: 'node:timers/promises', path: ['default', 'setTimeout'] }],
    [inspect as AnyFunction, { kind: 'export', module: 'node:util', path: ['default', 'inspect'] }],
  ])('is named by its place: %p', (fn, reference) => {
    expect(referenceOf(fn)).toEqual(reference);
  });

  it('is named by its own place where a program has put it elsewhere too', () => {
    Object.assign(globalThis, { root: Math.sqrt });
    const { random } = Math;
    Math.random = Math.cbrt as () => number;
    try {
      expect(referenceOf(Math.sqrt)).toEqual({ kind: 'global', path: ['Math', 'sqrt'] });
      expect(referenceOf(Math.random)).toEqual({ kind: 'global', path: ['Math', 'cbrt'] });
    } finally {
      Math.random = random;
      Reflect.deleteProperty(globalThis, 'root');
    }
  });

  it('is not what took the place of one, and is bound', () => {
    const { random } = Math;
    const dice = { value: 0.5, roll: () => 0.5 };
    Math.random = dice.roll.bind(dice);
    try {
      expect(thrown(() => referenceOf(Math.random))).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('a function that is not bound'),
      });
    } finally {
      Math.random = random;
    }
  });

  it('is not what a program made global', () => {
    const local = 1;
    const extra = (x: number): number => x + local;
    Object.assign(globalThis, { extra });
    try {
      expect(thrown(() => referenceOf(extra))).toMatchObject({ code: 'ERR_TASK_NOT_FOUND' });
    } finally {
      Reflect.deleteProperty(globalThis, 'extra');
    }
  });
});

describe.each(walled)('%s', (name, Kind) => {
  it('runs functions that are exported, in the context of a test runner', async () => {
    const pool = make(Kind, 1);
    const { Tool, kit } = forms;
    expect(await pool.apply(forms.other, [1])).toEqual(['renamed', 1, 'of the module']);
    expect(await pool.apply(Tool.make, [2])).toEqual(['make', 6, 'of the module']);
    expect(await pool.apply(Tool.prototype.run, [3])).toEqual(['run', 3, 'of the module']);
    expect(await pool.apply(kit.scale, [4])).toEqual(['scale', 20, 'of the module']);
    expect(await pool.apply(arrow, [5])).toEqual(['default arrow', 5, 'of the module']);
    expect(await pool.apply(object.double, [6])).toEqual(['default object', 12, 'of the module']);
    expect([await pool.apply(one, [7]), await pool.apply(two, [7])]).toEqual([
      [7, 'one'],
      [7, 'two'],
    ]);
    expect(await pool.apply(Math.sqrt, [81])).toBe(9);
  });

  it('refuses a function that took the place of another one, and never runs that', async () => {
    const pool = make(Kind, 1);
    expect(await pool.apply(first.chosen, [1])).toEqual(['fast', 1, 'of the module']);
    expect(await pool.apply(first.kit.chosen, [1])).toEqual(['steady', 1, 'of the module']);
    expect(await pool.apply(first.kit.scale, [1])).toBe(2);
    expect(await pool.apply(first.by, [1])).toBe(2);
    for (const fn of reassigned.choose() as ((x: number) => unknown)[]) {
      expect(await rejection(pool.apply(fn, [1]))).toMatchObject({
        code: 'ERR_TASK_NOT_FOUND',
        message: expect.stringContaining('is another function than the one that was to run'),
      });
    }
  });

  it('runs what stands in a module without a variable as strict code', async () => {
    const { assigns } = strict as { assigns: (x: number) => void };
    expect(await rejection(make(Kind, 1).apply(assigns, [1]))).toMatchObject({ name: 'ReferenceError' });
  });

  it('fails a task whose result no worker can send, such as a generator, and goes on', async () => {
    const pool = make(Kind, 1);
    expect(await rejection(pool.apply(forms.many, [1]))).toMatchObject({ direction: 'result', path: 'result' });
    expect(await pool.apply(forms.plain, [1])).toEqual(['plain', 1, 'of the module']);
  });

  it('runs in a program what the program would run itself', async () => {
    const { stdout, stderr } = await run([program('exports.mjs')]);
    expect([stdout.split('\n').find((line) => line.startsWith(name)), stderr]).toEqual([`${name} []`, '']);
  });
});

describe('a program in TypeScript', () => {
  it('runs its functions where the workers can load it', async () => {
    const { stdout, stderr } = await run(['--import', 'tsx', program('typescript/program.ts')]);
    const ofProcesses = [
      ['ts', 1, 'of the ts'],
      ['of the ts', 2],
      6,
      5,
      'suffix',
      ['cts', 7, 'of the cts'],
      ['default cts', 8, 'of the cts'],
    ];
    const [processes, threads] = stdout
      .split('\n')
      .map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)));
    expect(processes).toEqual(ofProcesses);
    // Before Node 22 threads have no loader of tsx.
    if (process.version.startsWith('v20.')) expect(stderr).toContain('Unknown file extension ".ts"');
    else expect(threads).toEqual(ofProcesses.slice(0, 5));
  });
});

where(Boolean(Reflect.get(process.features, 'typescript')), 'this Node cannot strip types').describe(
  'a program whose types Node strips',
  () => {
    it('runs its functions, typed as variables too', async () => {
      const { stdout } = await run([program('typescript/stripped.ts')]);
      expect(stdout).toBe('6 8\n');
    });
  },
);
