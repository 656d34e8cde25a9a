// What the types promise. `npm run typecheck` holds them to it: a line that is expected not to compile, and does, is an
// error too. Nothing here runs.
import {
  AsyncPool,
  Pool,
  tasksFrom,
  ThreadPool,
  type AsyncResult,
  type ImapOptions,
  type IMapIterator,
  type IndexedSettledResult,
  type Items,
  type MapOptions,
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

/** Type arguments can be given: what the function of its arguments comes to, at once or later. */
export async function typeArguments(): Promise<void> {
  const mapped = pool.map<number, string>(later, [1]);
  same<typeof mapped, Promise<string[]>>(true);
  const applied = pool.apply<[number], number>(square, [1]);
  same<typeof applied, Promise<number>>(true);
  const spread = pool.starmapAsync<[number, number], string>(async (a, b) => `${a + b}`, [[1, 2]]);
  same<typeof spread, AsyncResult<string[]>>(true);
  const each = pool.imapUnordered<number, string>(later, numbers);
  same<typeof each, IMapIterator<string>>(true);
  // @ts-expect-error -- it comes to a string
  void pool.map<number, number>(later, [1]);
}

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
  const [left, mine] = [await each.return(), await each.return('mine')];
  same<typeof left, IteratorReturnResult<undefined>>(true);
  same<typeof mine, IteratorReturnResult<string>>(true);
  const whose = pool.imapUnordered(square, [1], { settled: true });
  same<typeof whose, IMapIterator<IndexedSettledResult<number>>>(true);
  const got = await asynchronous.get(10);
  same<typeof got, string>(true);
  pool.applyAsync(square, [1], { callback: (value) => same<typeof value, number>(true) });
  pool.mapAsync(later, [1], { callback: (values) => same<typeof values, string[]>(true) });
}

export function settledOrNot(options: MapOptions, imapOptions: ImapOptions, flag: boolean): void {
  type Either = number[] | PromiseSettledResult<number>[];
  const widened = { settled: true, chunksize: 2 };
  same<ReturnType<typeof map>, Promise<Either>>(true);
  const map = () => pool.map(square, [1], widened);
  const given = pool.starmap(add, [[1, 2]], options);
  same<typeof given, Promise<Either>>(true);
  const flagged = pool.mapAsync(square, [1], { settled: flag });
  same<typeof flagged, AsyncResult<Either>>(true);
  const spread = pool.starmapAsync(add, [[1, 2]], {
    settled: flag,
    callback: (values) => same<typeof values, Either>(true),
  });
  same<typeof spread, AsyncResult<Either>>(true);
  pool.mapAsync((text) => text.length, ['a'], {
    settled: true,
    callback: (values) => same<typeof values, PromiseSettledResult<number>[]>(true),
  });
  const each = pool.imap(square, [1], imapOptions);
  same<typeof each, IMapIterator<number | PromiseSettledResult<number>>>(true);
  const whose = pool.imapUnordered(square, [1], imapOptions);
  same<typeof whose, IMapIterator<number | IndexedSettledResult<number>>>(true);
  const sure = pool.map(square, [1], { ...options, settled: true });
  same<typeof sure, Promise<PromiseSettledResult<number>[]>>(true);
  const never = pool.map(square, [1], { ...options, settled: false });
  same<typeof never, Promise<number[]>>(true);
  const sized = pool.map(square, [1], 2 as number | undefined);
  same<typeof sized, Promise<number[]>>(true);
}

export function promisesOrNot(): void {
  const cached = (x: number) => (x > 0 ? later(x) : x);
  const applied = pool.apply(cached, [1]);
  same<typeof applied, Promise<string | number>>(true);
  const mapped = pool.map(cached, [1]);
  same<typeof mapped, Promise<(string | number)[]>>(true);
}

export function functionsOfAnyKind(): void {
  const settled = <T, R, O extends MapOptions & { settled: true }>(fn: TaskFunction<[T], R>, item: T, options: O) =>
    pool.map(fn, [item], options);
  const outcomes = settled(later, 1, { settled: true });
  same<typeof outcomes, Promise<PromiseSettledResult<string>[]>>(true);
  const wrapped = <T, R>(fn: TaskFunction<[T], R>, item: T): Promise<Awaited<R>> => pool.apply(fn, [item]);
  const result = wrapped(later, 1);
  same<typeof result, Promise<string>>(true);
  const called = <A extends unknown[], R>(fn: TaskFunction<A, R>, ...args: A): Promise<Awaited<R>> =>
    pool.apply(fn, args);
  const sum = called(add, 1, 2);
  same<typeof sum, Promise<number>>(true);
  const all = <T, R>(fn: TaskFunction<[T], R>, items: Items<T>): Promise<Awaited<R>[]> =>
    pool.map(fn, items, { timeout: 1 });
  const squares = all(square, [1]);
  same<typeof squares, Promise<number[]>>(true);
}

export function readonlyArguments(pairs: readonly (readonly [number, number])[]): void {
  void pool.apply(add, [1, 2] as const);
  for (const pair of pairs) pool.applyAsync(add, pair);
  const sums = pool.starmap(add, pairs);
  same<typeof sums, Promise<number[]>>(true);
  const written = pool.starmapAsync(add, [[1, 2]] as const);
  same<typeof written, AsyncResult<number[]>>(true);
  // @ts-expect-error -- the argument is a string
  void pool.apply(square, ['1'] as const);
  // @ts-expect-error -- the lists are too short
  void pool.starmap(add, [[1]] as const);
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
  new Pool({ initializer: connect, initargs: ['host', 1] as const });
  new Pool({ initializer: (port = 80) => port });
  new ThreadPool({ initializer: connect, initargs: ['host', 1] });
  // @ts-expect-error -- the initializer needs arguments
  new Pool({ initializer: connect });
  // @ts-expect-error -- and in a pool of another kind
  new AsyncPool({ initializer: connect, processes: 1 });
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
