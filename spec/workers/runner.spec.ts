import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncResource, createHook } from 'node:async_hooks';
import { stat } from 'node:fs';
import { serialize } from 'node:v8';
import { currentTask, currentWorker, type CurrentTask } from 'forkpool';
import { here } from '#lib/wire/current.js';
import { MARKS_SIZE, sharedMarks } from '#lib/wire/marks.js';
import type { WorkerSetup } from '#lib/wire/messages.js';
import { Task } from '#workers/task.js';
import { range, until } from '../helpers.js';
import { double, readyStage, type Fn, type Stage } from '../fixtures/fake-master.js';

afterEach(() => void jest.restoreAllMocks());

const thrower = (): never => {
  throw new Error('no');
};
const callBack = (resolve: (value: number) => void): void => resolve(1);
/** Not written as a literal, so that it is clear that it is meant. */
const withThen = (of: object, then: Fn): object => {
  Reflect.set(of, 'then', then);
  return of;
};
const afterwards = async (callback: () => void): Promise<void> => {
  await Promise.resolve();
  callback();
};

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};
/** A worker that can keep outcomes. */
const keepingStage = (setup: Partial<WorkerSetup> = {}): Promise<Stage> =>
  readyStage(setup, sharedMarks(new SharedArrayBuffer(MARKS_SIZE)));

describe('tasks', () => {
  it('run in order, and are answered by their numbers', async () => {
    const stage = await readyStage();
    stage.run(double, [1, 2, 3]);
    expect(await stage.answered(3)).toEqual([2, 4, 6]);
    expect(stage.marks.begun()).toBe(3);
  });

  it('get their arguments as one item or as a list', async () => {
    const stage = await readyStage();
    const count = (...args: unknown[]): unknown[] => args;
    stage.run(count, [[1, 2]], { spread: false });
    stage.run(count, [[1, 2], []], { spread: true });
    expect(await stage.answered(3)).toEqual([[[1, 2]], [1, 2], []]);
  });

  it('may be async, throw, reject, and give a promise-like', async () => {
    const stage = await readyStage();
    stage.run(async (x: number) => 2 * x, [1]);
    stage.run(() => {
      throw 'thrown';
    }, [1]);
    stage.run(() => Promise.reject('rejected'), [1]);
    // oxlint-disable-next-line unicorn/no-thenable -- the subject
    stage.run(() => ({ then: (resolve: (value: string) => void) => resolve('resolved') }), [1]);
    stage.run(
      () =>
        withThen(
          () => {},
          (resolve: (value: string) => void) => resolve('called'),
        ),
      [1],
    );
    expect(await stage.answered(5)).toEqual([2, { threw: 'thrown' }, { threw: 'rejected' }, 'resolved', 'called']);
  });

  it('throw what keeps their function from being found', async () => {
    const stage = await readyStage();
    const reference = { kind: 'export', module: 'file:///nowhere.js', path: ['f'] } as const;
    const chunk = { first: 1, functionId: 1, index: 0, attempt: 1, spread: false, exact: false, timed: false };
    stage.runtime.command({
      type: 'run',
      functions: [{ id: 1, reference }],
      chunks: [{ ...chunk, items: [1, 2] }],
    });
    const notFound = { threw: expect.objectContaining({ code: 'ERR_TASK_NOT_FOUND' }) };
    expect(await stage.answered(2)).toEqual([notFound, notFound]);
  });

  it('are marked before their function is looked for, though they have not begun', async () => {
    const stage = await readyStage();
    stage.run(double, [1, 2, 3]);
    await stage.answered(3);
    expect(stage.marks.loading()).toBe(1);
    stage.run((x: number) => x, [4, 5]);
    expect([stage.marks.loading(), stage.marks.begun()]).toEqual([4, 3]);
    await stage.answered(5);
    stage.run(double, [6]);
    await stage.answered(6);
    expect(stage.marks.loading()).toBe(6);
  });

  it('know which they are, also after they have waited', async () => {
    const stage = await readyStage({ id: 5 });
    const self = async (): Promise<unknown> => {
      await Promise.resolve();
      const { index, attempt } = currentTask() ?? {};
      return [index, attempt, currentWorker()?.id, currentWorker()?.tasks];
    };
    stage.run(self, [0, 0], { index: 10, attempt: 3 });
    stage.run(self, [0], { index: undefined } as never);
    expect(await stage.answered(3)).toEqual([
      [10, 3, 5, 1],
      [11, 3, 5, 2],
      [0, 1, 5, 3],
    ]);
    expect([currentTask(), currentWorker()]).toEqual([undefined, undefined]);
  });

  it('run one at a time, or as many as the concurrency', async () => {
    for (const concurrency of [1, 3]) {
      const stage = await readyStage({ concurrency });
      let [running, most] = [0, 0];
      const busy = async (): Promise<void> => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
      };
      stage.run(busy, range(9));
      await stage.answered(9);
      expect(most).toBe(concurrency);
    }
  });

  it('that are tiny come to share a mark and a message', async () => {
    const stage = await readyStage();
    stage.run(double, range(5000));
    await stage.answered(5000);
    expect(stage.of('settled').length).toBeLessThan(2000);
    expect(Math.max(...stage.of('settled').map(({ runs }) => runs[0]?.values.length ?? 0))).toBeLessThanOrEqual(256);
  });

  it('that share a mark are each what they were to whoever has kept one', async () => {
    const stage = await readyStage();
    const kept: (CurrentTask | undefined)[] = [];
    stage.run(() => void kept.push(currentTask()), range(5000));
    await stage.answered(5000);
    expect(kept.map((task) => task?.index)).toEqual(range(5000));
  });

  it.each<[string, (callback: () => void) => unknown]>([
    ['a timer', (callback) => setTimeout(callback, 1)],
    ['an immediate', (callback) => setImmediate(callback)],
    ['a tick', (callback) => process.nextTick(callback)],
    ['a microtask', (callback) => queueMicrotask(callback)],
    ['an async function', (callback) => void afterwards(callback)],
    ['a read', (callback) => stat('.', callback)],
    ['a resource', (callback) => setImmediate(AsyncResource.bind(callback))],
  ])('that share a mark have their own context in what they leave behind: %s', async (_, begin) => {
    const stage = await readyStage();
    const leaves = (x: number): boolean => x > 4000 && x % 3 === 0;
    const seen: unknown[] = [];
    stage.run((x: number) => {
      if (leaves(x)) begin(() => seen.push(currentTask()?.index));
      return x;
    }, range(5000));
    await stage.answered(5000);
    const expected = range(5000).filter(leaves);
    await until('all has been called back', () => seen.length === expected.length);
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected);
  });

  it('that share a context are counted each', async () => {
    const stage = await readyStage();
    stage.run(() => currentWorker()?.tasks, range(5000));
    expect(await stage.answered(5000)).toEqual(range(5000).map((n) => n + 1));
  });

  it.each([
    ['one that takes its time', () => Promise.resolve(), {}],
    ['one that has a mark to itself', () => {}, { exact: true }],
  ])('that leave nothing behind cost no hook when they have ended: %s', async (_, fn, chunk) => {
    const stage = await readyStage();
    const hooks = Object.getPrototypeOf(createHook({})) as ReturnType<typeof createHook>;
    const [enabled, disabled] = [jest.spyOn(hooks, 'enable'), jest.spyOn(hooks, 'disable')];
    stage.run(double, range(5000));
    await stage.answered(5000);
    expect(disabled.mock.calls.length).toBeLessThanOrEqual(enabled.mock.calls.length);
    stage.run(fn, [1], chunk);
    await stage.answered(5001);
    expect(disabled.mock.calls.length).toBe(enabled.mock.calls.length);
  });

  it('that leave nothing behind share a context, where Node can tell', async () => {
    const stage = await readyStage();
    const contexts = new Set<unknown>();
    for (const how of ['run', 'enterWith'] as const) {
      const real = here.running[how].bind(here.running) as (store: unknown, ...rest: unknown[]) => unknown;
      jest.spyOn(here.running, how).mockImplementation((store: unknown, ...rest: unknown[]) => {
        if (store instanceof Task) contexts.add(store);
        return real(store, ...rest) as never;
      });
    }
    stage.run(double, range(5000));
    await stage.answered(5000);
    // From Node 24 on nobody can, at a price that pays.
    const canTell = Number(process.versions.node.split('.')[0]) < 24;
    if (canTell) expect(contexts.size).toBeLessThan(500);
    else expect(contexts.size).toBe(5000);
  });

  it('that share a mark answer in a list which V8 writes as one without holes', async () => {
    const stage = await readyStage();
    stage.run((x: number): string => `item ${x}`, range(5000));
    await stage.answered(5000);
    const shared = stage.of('settled').flatMap(({ runs }) => runs.filter(({ values }) => values.length > 1));
    expect(shared).not.toEqual([]);
    // Behind two bytes for the version: 'A' is a dense list, 'a' one of pairs.
    expect(shared.filter(({ values }) => serialize(values)[2] !== 'A'.charCodeAt(0))).toEqual([]);
  });

  it('that turn out to be long share no mark with many others', async () => {
    const stage = await readyStage();
    const work = (x: number): number => {
      for (const end = performance.now() + x; performance.now() < end;);
      return x;
    };
    stage.run(work, Array<number>(5000).fill(0));
    await stage.answered(5000);
    const before = stage.of('settled').length;
    const begun: number[] = [];
    stage.run(work, Array<number>(40).fill(5), { functionId: 1 });
    await stage.answered(5040);
    for (const { runs } of stage.of('settled').slice(before)) begun.push(runs[0]?.values.length ?? 0);
    // The clock is looked at after the first of a group; after that each is by itself.
    expect(begun).toEqual(Array<number>(40).fill(1));
    expect(stage.marks.begun()).toBe(5040);
  });

  it.each([
    { waiting: 700, most: 4 },
    { waiting: 3000, most: 16 },
  ])(
    'that are long all of a sudden share a mark with at most $most of their kind, where $waiting wait',
    async (given) => {
      const stage = await readyStage();
      const work = (ms: number): number => {
        for (const end = performance.now() + ms; performance.now() < end;);
        return ms;
      };
      // Of a chunk what has yet to begin counts when a group does, and not how large it was.
      const items = Array<number>(1500 + given.waiting).fill(0);
      stage.run(work, items.fill(2, 1500, 1540));
      await stage.answered(items.length);
      const groups = stage.of('settled').map(({ runs }) => runs[0]?.values ?? []);
      expect(Math.max(...groups.map(({ length }) => length))).toBeGreaterThan(given.most);
      expect(Math.max(...groups.map((group) => group.filter((ms) => ms === 2).length))).toBeLessThanOrEqual(given.most);
    },
  );

  it('that are short come to share a message, and each has a mark of its own', async () => {
    const stage = await keepingStage();
    const seen: boolean[] = [];
    stage.run((n: number) => {
      busyFor(0.05);
      // Wherever the worker dies, each before this one has its outcome.
      seen.push(
        stage.marks.begun() === n + 1 && stage.outcomes.size + (stage.marks.kept?.(n + 1)?.values.length ?? 0) === n,
      );
      return n;
    }, range(500));
    expect(await stage.answered(500)).toEqual(range(500));
    expect(seen).toEqual(Array<boolean>(500).fill(true));
    expect(stage.of('settled').length).toBeLessThan(250);
  });

  it.each<[string, Fn, Parameters<Stage['run']>[2], Partial<WorkerSetup>]>([
    ['what each returns cannot be kept', (n) => new Set([n]), {}, {}],
    ['they are exact', (n) => n, { exact: true }, {}],
    ['each is to be weighed', (n) => n, {}, { memoryLimit: 1e9 }],
    ['they throw', thrower, {}, {}],
    ['several run at once', (n) => n, {}, { concurrency: 2 }],
  ])('that are short are answered one by one where %s', async (_, result, chunk, setup) => {
    const stage = await keepingStage(setup);
    const short = (n: number): unknown => {
      busyFor(0.05);
      return result(n as never);
    };
    stage.run(short, range(100), chunk);
    await stage.answered(100);
    expect(
      stage
        .of('settled')
        .flatMap(({ runs }) => runs)
        .map(({ values }) => values.length),
    ).toEqual(Array<number>(100).fill(1));
  });

  it('that are long among short ones are the last of their message', async () => {
    const stage = await keepingStage();
    const ms = range(300).map((n) => (n % 50 === 49 ? 5 : 0.05));
    stage.run((x: number) => {
      busyFor(x);
      return x;
    }, ms);
    await stage.answered(300);
    const runs = stage.of('settled').map((report) => report.runs.flatMap(({ values }) => [...values]));
    expect(Math.max(...runs.map(({ length }) => length))).toBeGreaterThan(1);
    for (const values of runs) expect(values.slice(0, -1)).not.toContain(5);
  });

  it('that are long among short ones are timed by themselves', async () => {
    const stage = await keepingStage();
    const ms = range(120).map((n) => (n === 110 ? 200 : 0.05));
    stage.run((x: number) => {
      busyFor(x);
      return x;
    }, ms);
    await stage.answered(120);
    const runs = stage.of('settled').flatMap((report) => report.runs);
    const long = runs.find(({ values }) => [...values].includes(200));
    expect([long?.first, long?.values]).toEqual([111, [200]]);
    expect(long?.ms).toBeGreaterThanOrEqual(199.9);
    const before = runs.find(({ first, values }) => first + values.length === 111);
    expect(before?.ms).toBeLessThan(199);
  });

  it('that end later are answered and timed apart from short ones before them', async () => {
    const stage = await keepingStage();
    const isLate = (n: unknown): boolean => n === 110 || n === 150;
    const short = (n: number): number | Promise<number> => {
      busyFor(isLate(n) ? 200 : 0.05);
      return isLate(n) ? Promise.resolve(n) : n;
    };
    stage.run(short, range(200));
    expect(await stage.answered(200)).toEqual(range(200));
    const runs = stage.of('settled').flatMap((report) => report.runs);
    const late = runs.filter(({ values }) => [...values].some(isLate));
    expect(late.map(({ values }) => values)).toEqual([[110], [150]]);
    // What it does before it first waits is its time, too.
    for (const { ms } of late) expect(ms).toBeGreaterThanOrEqual(199.9);
    const before = runs.filter(({ first, values }) => isLate(first + values.length - 1));
    expect(before).toHaveLength(2);
    for (const { ms } of before) expect(ms).toBeLessThan(199);
  });

  it('that are short are answered one by one when nobody may hear of them any more', async () => {
    const stage = await keepingStage();
    stage.connected = false;
    stage.run((n: number) => {
      busyFor(0.05);
      return n;
    }, range(50));
    await stage.answered(50);
    expect(stage.of('settled')).toHaveLength(50);
  });

  it('that cannot be marked keep nobody waiting for those before them', async () => {
    const stage = await keepingStage();
    const { begin } = stage.marks;
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    stage.marks.begin = (last) => {
      if (last === 80) throw full;
      return begin(last);
    };
    const short = (n: number): number => {
      busyFor(0.05);
      return n;
    };
    // Loaded, and known to be short.
    stage.run(short, range(40));
    await stage.answered(40);
    expect(() => stage.run(short, range(100), { functionId: 1 })).toThrow(full);
    expect([...stage.outcomes.values()]).toEqual([...range(40), ...range(39)]);
  });

  it('that have been taken back are not begun, and those before them are answered', async () => {
    const stage = await keepingStage();
    const ran: number[] = [];
    const short = (n: number): number => {
      busyFor(0.05);
      // As another thread would, while the worker is busy.
      if (n === 60) stage.marks.recall(63, 101);
      ran.push(n);
      return n;
    };
    stage.run(short, range(100));
    await stage.answered(62);
    expect(ran).toEqual(range(62));
    expect(stage.of('declined')).toEqual([{ type: 'declined', from: 63, to: 101 }]);
  });

  it('that are exact are each marked and answered by themselves', async () => {
    const stage = await readyStage();
    const seen: number[] = [];
    stage.run(() => void seen.push(stage.marks.begun() - stage.outcomes.size), range(500), { exact: true });
    await stage.answered(500);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(stage.of('settled')).toHaveLength(500);
  });

  it('that are timed say when they start', async () => {
    const stage = await readyStage();
    stage.run(double, [1, 2], { exact: true, timed: true });
    await stage.answered(2);
    expect(stage.reports.slice(2).map(({ type }) => type)).toEqual(['started', 'settled', 'started', 'settled']);
    expect(stage.of('started').map(({ task }) => task)).toEqual([1, 2]);
  });

  it('tell how much memory there is, where that is wanted', async () => {
    const stage = await readyStage({ memoryLimit: 1e9 });
    stage.run(double, [1]);
    await stage.answered(1);
    expect(stage.of('settled')[0]?.memory).toBe(4711);
  });

  it('wait for the master’s word when there is more memory than there may be', async () => {
    const stage = await readyStage({ memoryLimit: 4710 });
    stage.run(double, [1, 2], { exact: true });
    stage.run(double, [3]);
    await stage.answered(1);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([stage.outcomes.size, stage.marks.begun()]).toEqual([1, 1]);
    stage.runtime.command({ type: 'retire' });
    await until('it has left', () => stage.left === 1);
  });

  it('see that they are aborted, while they run', async () => {
    const stage = await readyStage();
    stage.run(
      () =>
        new Promise((resolve) =>
          currentTask()?.signal.addEventListener('abort', (event) => resolve((event.target as AbortSignal).reason)),
        ),
      [1],
    );
    await until('it runs', () => stage.marks.begun() === 1);
    stage.runtime.command({ type: 'abort', task: 1, reason: 'enough' });
    expect(await stage.answered(1)).toEqual(['enough']);
    stage.runtime.command({ type: 'abort', task: 1, reason: 'late' });
  });

  it('that are aborted give their place away where nothing can be stopped, and nowhere else', async () => {
    const never = (): Promise<never> => new Promise(() => {});
    for (const [kind, begun] of [
      ['async', 2],
      ['process', 1],
    ] as const) {
      const stage = await readyStage({ kind });
      stage.run(never, [1, 2]);
      await until('the first runs', () => stage.marks.begun() === 1);
      stage.runtime.command({ type: 'abort', task: 1, reason: 'enough' });
      expect(stage.marks.begun()).toBe(begun);
    }
  });

  it.each([
    ['a `constructor` that throws', () => Object.defineProperty(Promise.resolve(1), 'constructor', { get: thrower })],
    ['a `then` that throws', () => withThen(Promise.resolve(1), thrower)],
    ['a `then` that calls back at once', () => withThen(Promise.resolve(1), callBack)],
    ['another kind, and a `then` that throws', () => withThen({}, thrower)],
    ['another kind, and a `then` that calls back at once', () => withThen({}, callBack)],
  ])('may give a promise of %s, and the next ones run', async (_, weird) => {
    const stage = await readyStage();
    stage.run((x: number) => (x === 0 ? weird() : x), range(3));
    expect((await stage.answered(3)).slice(1)).toEqual([1, 2]);
  });

  it('are heard of no more behind a command that could not be read; those before it run', async () => {
    const stage = await readyStage();
    let open = (): void => {};
    stage.run((x: number) => (x === 1 ? new Promise<void>((resolve) => (open = resolve)) : x), [1, 2]);
    await until('the first runs', () => stage.marks.begun() === 1);
    stage.runtime.garbled('nonsense');
    stage.run(double, [3]);
    open();
    expect(await stage.answered(2)).toEqual([undefined, 2]);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([stage.outcomes.size, stage.of('garbled')]).toEqual([2, [expect.objectContaining({ last: 2 })]]);
  });

  it('report to their caller, before their outcome', async () => {
    const stage = await readyStage();
    const task = async (): Promise<string> => {
      currentTask()?.report('one');
      await Promise.resolve();
      currentTask()?.report('two');
      return 'done';
    };
    stage.run(task, [1]);
    await stage.answered(1);
    expect(stage.reports.slice(2)).toMatchObject([
      { type: 'reported', task: 1, value: 'one' },
      { type: 'reported', task: 1, value: 'two' },
      { type: 'settled' },
    ]);
  });

  it('are told when what they report cannot be sent', async () => {
    const stage = await readyStage();
    stage.refuse = 'reported';
    stage.run(() => currentTask()?.report(() => {}), [1]);
    expect(await stage.answered(1)).toEqual([
      { threw: expect.objectContaining({ code: 'ERR_SERIALIZATION', direction: 'report' }) },
    ]);
  });

  it('whose result cannot be sent fail, and no other', async () => {
    const stage = await readyStage({ concurrency: 3 });
    stage.refuse = 'settled';
    stage.run((x: number) => (x === 1 ? { deep: [() => {}] } : x), [0, 1, 2]);
    expect(await stage.answered(3)).toEqual([
      0,
      { threw: expect.objectContaining({ code: 'ERR_SERIALIZATION', direction: 'result', path: 'result.deep[0]' }) },
      2,
    ]);
  });
});

describe('tasks that are recalled', () => {
  it('do not begin, and the worker says so', async () => {
    const stage = await readyStage();
    let open = (): void => {};
    stage.run((x: number) => (x === 0 ? new Promise<void>((resolve) => (open = resolve)) : x), range(5));
    await until('the first runs', () => stage.marks.begun() === 1);
    stage.marks.recall(3, 6);
    stage.run(double, [5]);
    open();
    expect(await stage.answered(3)).toEqual([undefined, 1, 10]);
    expect(stage.of('declined')).toEqual([{ type: 'declined', from: 3, to: 6 }]);
  });

  it('may have been recalled more than once', async () => {
    const stage = await readyStage();
    let open = (): void => {};
    stage.run((x: number) => (x === 0 ? new Promise<void>((resolve) => (open = resolve)) : x), range(3));
    await until('the first runs', () => stage.marks.begun() === 1);
    stage.marks.recall(1, 4);
    stage.run(double, range(3));
    stage.marks.recall(1, 7);
    stage.run(double, [5]);
    open();
    expect(await stage.answered(2)).toEqual([undefined, 10]);
    expect([...stage.outcomes.keys()]).toEqual([1, 7]);
    expect(stage.of('declined')).toEqual([{ type: 'declined', from: 2, to: 7 }]);
  });

  it('that have yet to come when others are declined are declined by themselves', async () => {
    const stage = await readyStage();
    stage.marks.recall(2, 7);
    stage.run(double, [1, 2, 3]);
    await until('it has declined some', () => stage.of('declined').length === 1);
    stage.run(double, [4, 5, 6]);
    await until('it has declined the rest', () => stage.of('declined').length === 2);
    stage.run(double, [7]);
    expect(await stage.answered(2)).toEqual([2, 14]);
    expect(stage.of('declined').map(({ from, to }) => [from, to])).toEqual([
      [2, 4],
      [4, 7],
    ]);
  });
});
