// What the types promise. `npm run typecheck` holds them to it: a line that is expected not to compile, and does, is an
// error too. Nothing here runs.
import {
  Pool,
  tasksFrom,
  type AsyncResult,
  type IMapIterator,
  type IndexedSettledResult,
  type TaskFunction,
} from 'forkpool';

/** True when the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function same<A, B>(verdict: Same<A, B>): void {
  void verdict;
}

declare const pool: Pool;
declare function square(x: number): number;
declare function later(x: number): Promise<string>;
declare function add(a: number, b: number): number;
declare function optional(a: number, b?: string): boolean;
declare function nothing(): void;
declare const numbers: AsyncGenerator<number>;
declare const sizes: ReadonlyMap<string, number>;
declare const lists: number[][];

export async function results(): Promise<void> {
  same<Promise<number>, ReturnType<typeof apply>>(true);
  const apply = () => pool.apply(square, [1]);
  const applied = pool.apply(later, [1]);
  same<typeof applied, Promise<string>>(true);
  const asynchronous = pool.applyAsync(later, [1]);
  same<typeof asynchronous, AsyncResult<string>>(true);
  const mapped = pool.map(square, [1, 2]);
  same<typeof mapped, Promise<number[]>>(true);
  const awaited = pool.map(later, new Set([1, 2]));
  same<typeof awaited, Promise<string[]>>(true);
  const streamed = pool.map(square, numbers);
  same<typeof streamed, Promise<number[]>>(true);
  const inferred = pool.map((x) => x.length, ['a', 'b']);
  same<typeof inferred, Promise<number[]>>(true);
  const spread = pool.starmap(add, [[1, 2]]);
  same<typeof spread, Promise<number[]>>(true);
  const paired = pool.starmap((a, b) => a + b, [[1, 2]]);
  same<typeof paired, Promise<number[]>>(true);
  const labelled = pool.starmapAsync(async (size, label) => label.padEnd(size), [[3, 'a']], 1);
  same<typeof labelled, AsyncResult<string[]>>(true);
  const described = pool.starmap((name, size) => `${name.toUpperCase()} ${size.toFixed()}`, sizes);
  same<typeof described, Promise<string[]>>(true);
  const settled = pool.map(square, [1], { settled: true });
  same<typeof settled, Promise<PromiseSettledResult<number>[]>>(true);
  const each = pool.imap(later, [1]);
  same<typeof each, IMapIterator<string>>(true);
  const whose = pool.imapUnordered(square, [1], { settled: true });
  same<typeof whose, IMapIterator<IndexedSettledResult<number>>>(true);
  const got = await asynchronous.get(10);
  same<typeof got, string>(true);
  pool.applyAsync(square, [1], { callback: (value) => same<typeof value, number>(true) });
  pool.mapAsync(later, [1], { callback: (values) => same<typeof values, string[]>(true) });
}

export function argumentsFit(): void {
  void pool.apply(nothing);
  void pool.apply(nothing, [], { timeout: 1 });
  void pool.apply(optional, [1]);
  void pool.apply(optional, [1, 'b']);
  void pool.starmap(optional, [[1], [2, 'b']]);
  void pool.map(optional, [1, 2]);
  // @ts-expect-error -- a string is no number
  void pool.apply(square, ['1']);
  // @ts-expect-error -- the argument is missing
  void pool.apply(square, []);
  // @ts-expect-error -- the list of arguments is missing
  void pool.apply(square);
  // @ts-expect-error -- one argument too many
  void pool.apply(square, [1, 2]);
  // @ts-expect-error -- the items are strings
  void pool.map(square, ['1']);
  // @ts-expect-error -- the lists are too short
  void pool.starmap(add, [[1]]);
  // @ts-expect-error -- one of the lists is too short
  void pool.starmap(add, [[1, 2], [3]]);
  // @ts-expect-error -- one argument too many
  void pool.starmap(add, [[1, 2, 3]]);
  // @ts-expect-error -- a string is no number
  void pool.starmap(add, [[1, '2']]);
  // @ts-expect-error -- the lists may have any length
  void pool.starmap(add, lists);
  // @ts-expect-error -- an item is no list
  void pool.starmap((a, b) => [a, b], [[1, 2], 3]);
  // @ts-expect-error -- add wants two arguments, and map has one
  void pool.map(add, [1]);
  // @ts-expect-error -- there is no such option
  void pool.map(square, [1], { chunkSize: 1 });
  // @ts-expect-error -- not a function
  void pool.map('square', [1]);
}

export function initializersFit(): void {
  const connect = (url: string, port: number): void => void [url, port];
  new Pool({ initializer: connect, initargs: ['host', 1] });
  new Pool({ initializer: nothing });
  new Pool(4);
  // @ts-expect-error -- the port is missing
  new Pool({ initializer: connect, initargs: ['host'] });
  // @ts-expect-error -- the url is no string
  new Pool({ initializer: connect, initargs: [1, 1] });
  // @ts-expect-error -- a number is expected
  new Pool('4');
  const any: Pool = new Pool({ initializer: connect, initargs: ['host', 1] });
  void any;
}

export function tasksFromAModule(): void {
  interface Module {
    resize(file: string, width: number): Promise<Buffer>;
    readonly version: string;
    readonly tools: { shrink(file: string): number; name(file: string): string };
    name(file: string): string;
  }
  const tasks = tasksFrom<Module>(new URL('file:///tasks.js'));
  const resized = pool.apply(tasks.resize, ['a.png', 10]);
  same<typeof resized, Promise<Buffer>>(true);
  const shrunk = pool.map(tasks.tools.shrink, ['a.png']);
  same<typeof shrunk, Promise<number[]>>(true);
  const named = pool.map(tasks.name, ['a.png']);
  same<typeof named, Promise<string[]>>(true);
  same<typeof tasks.tools.name, string>(true);
  same<typeof tasks.resize.name, string>(true);
  // @ts-expect-error -- the width is missing
  void pool.apply(tasks.resize, ['a.png']);
  // @ts-expect-error -- a version is no function
  void tasks.version;
  // @ts-expect-error -- there is no such function
  void tasks.enlarge;
  const fn: TaskFunction<[string, number], Buffer> = tasks.resize;
  void fn;
}
