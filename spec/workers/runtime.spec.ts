import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AsyncResource } from 'node:async_hooks';
import { currentTask, currentWorker } from 'forkpool';
import { range, until } from '../helpers.js';
import { local, readyStage, Stage } from '../fixtures/fake-master.js';

afterEach(() => void jest.restoreAllMocks());

describe('a worker', () => {
  it('is online before it is told anything', () => {
    expect(new Stage().reports[0]).toEqual({ type: 'online' });
  });

  it('is initialised once, with initargs, as the worker that it is', async () => {
    const seen: unknown[] = [];
    const initializer = local(async (...args: unknown[]) => {
      await Promise.resolve();
      seen.push(args, currentWorker()?.id, currentTask());
    });
    const stage = await readyStage({ id: 7, initializer, initargs: [1, 'two'] });
    expect(seen).toEqual([[1, 'two'], 7, undefined]);
    expect(stage.reports.map(({ type }) => type)).toEqual(['online', 'initialised']);
  });

  it('says what its initializer threw', async () => {
    const initializer = local(() => {
      throw 'no database';
    });
    const stage = new Stage({ initializer });
    await until('it has failed', () => stage.of('failed').length === 1);
    expect(stage.of('failed')).toEqual([{ type: 'failed', error: { value: 'no database' } }]);
    expect(stage.of('initialised')).toEqual([]);
  });

  it('leaves when it is told to, after its finalizer', async () => {
    const notes: unknown[] = [];
    const stage = await readyStage({ finalizer: local(async () => void notes.push(stage.left)) });
    stage.runtime.command({ type: 'retire' });
    await until('it has left', () => stage.left === 1);
    expect(notes).toEqual([0]);
  });

  it('leaves though its finalizer throws, and says so', async () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const finalizer = local(() => {
      throw new Error('no goodbye');
    });
    const stage = await readyStage({ finalizer });
    stage.runtime.command({ type: 'retire' });
    await until('it has left', () => stage.left === 1);
    expect(String(write.mock.calls[0]?.[0])).toContain('no goodbye');
  });

  it('that is told to leave while its initializer runs leaves after it', async () => {
    let open = (): void => {};
    const initializer = local(() => new Promise<void>((resolve) => (open = resolve)));
    const stage = new Stage({ initializer });
    stage.runtime.command({ type: 'retire' });
    await Promise.resolve();
    expect(stage.left).toBe(0);
    await until('it runs', () => open.length === 1);
    open();
    await until('it has left', () => stage.left === 1);
    expect(stage.of('initialised')).toEqual([]);
  });
});

describe('an error that nobody caught', () => {
  /** Runs `late` in the async context of a task, once that has returned. */
  function contextOf(
    stage: Stage,
    items: readonly number[],
    at: number,
    result: (x: number) => unknown,
  ): Promise<(call: () => void) => void> {
    return new Promise((resolve) => {
      stage.run((x: number) => {
        if (x === at) {
          const resource = new AsyncResource('late');
          resolve((call) => resource.runInAsyncScope(call));
        }
        return result(x);
      }, items);
    });
  }

  it('of a running task ends the worker in the name of that task', async () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = await readyStage();
    const within = await contextOf(stage, [1], 1, () => new Promise(() => {}));
    const die = jest.fn();
    within(() => stage.runtime.uncaught('oh no', die));
    expect(stage.of('dying')).toEqual([{ type: 'dying', task: 1, error: { value: 'oh no' } }]);
    expect(die).toHaveBeenCalledTimes(1);
    expect(String(write.mock.calls[0]?.[0])).toContain('oh no');
    within(() => stage.runtime.exiting());
    expect(stage.of('dying')).toHaveLength(1);
  });

  it('is told though it cannot be shown', async () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = await readyStage();
    const within = await contextOf(stage, [1], 1, () => new Promise(() => {}));
    const inspected = (): never => {
      throw new Error('not me');
    };
    within(() => stage.runtime.uncaught({ [Symbol.for('nodejs.util.inspect.custom')]: inspected }, () => {}));
    expect(stage.of('dying')).toHaveLength(1);
    expect(String(write.mock.calls[0]?.[0])).toBe('Uncaught a value that cannot be shown\n');
  });

  it('of a task that has answered makes the worker unsound, and harms no other', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = await readyStage();
    const within = await contextOf(stage, [1], 1, (x) => x);
    await stage.answered(1);
    const die = jest.fn();
    within(() => stage.runtime.uncaught('oh no', die));
    expect([stage.of('unsound'), stage.of('dying').length, die.mock.calls.length]).toEqual([
      [{ type: 'unsound' }],
      0,
      0,
    ]);
  });

  it('of a task that has answered is not blamed on one that shared its mark and still runs', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = await readyStage();
    // Thousands of tiny tasks go before, so that groups are large.
    const within = await contextOf(stage, range(5000), 4000, (x) =>
      x >= 4001 && x < 4300 && x % 7 === 0 ? new Promise(() => {}) : x,
    );
    await until('one does not end', () => stage.outcomes.size > 4000);
    const die = jest.fn();
    within(() => stage.runtime.uncaught('oh no', die));
    expect([stage.of('unsound').length, stage.of('dying')]).toEqual([1, []]);
  });

  it('is told behind the outcomes of those that went before it, where they share a mark', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = await readyStage();
    stage.run((x: number) => {
      if (x === 4000) stage.runtime.uncaught('oh no', () => {});
      return x;
    }, range(5000));
    await until('it is told', () => stage.of('dying').length === 1);
    const before = stage.reports.slice(
      0,
      stage.reports.findIndex(({ type }) => type === 'dying'),
    );
    const runs = before.flatMap((report) => (report.type === 'settled' ? report.runs : []));
    expect(runs.flatMap(({ values }) => values)).toEqual(range(4000));
    expect(stage.of('dying')[0]?.task).toBe(4001);
  });

  it('of the initializer fails the start', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stage = new Stage({ initializer: local(() => new Promise(() => {})) });
    stage.runtime.uncaught('oh no', () => {});
    expect(stage.of('failed')).toEqual([{ type: 'failed', error: { value: 'oh no' } }]);
  });
});

describe('an error of what an initializer left behind', () => {
  it('fails the start where it comes in the same turn', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const initializer = local(() => process.nextTick(() => stage.runtime.uncaught('oh no', () => {})));
    const stage: Stage = new Stage({ initializer });
    await until('it has failed', () => stage.of('failed').length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.reports.map(({ type }) => type)).toEqual(['online', 'failed']);
  });

  it('makes the worker unsound where it comes later, and is told with that', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    let within = (_call: () => void): void => {};
    const initializer = local(() => {
      const resource = new AsyncResource('late');
      within = (call) => resource.runInAsyncScope(call);
    });
    const stage = await readyStage({ initializer });
    within(() => stage.runtime.uncaught('oh no', () => {}));
    expect(stage.of('unsound')).toEqual([{ type: 'unsound', error: { value: 'oh no' } }]);
  });
});

describe('process.exit in a task', () => {
  it('names the task', async () => {
    const stage = await readyStage();
    stage.run(() => stage.runtime.exiting(), [1]);
    await stage.answered(1);
    expect(stage.reports.slice(2)).toMatchObject([{ type: 'dying', task: 1 }, { type: 'settled' }]);
  });

  it('elsewhere names none, and keeps back no outcome', async () => {
    const stage = await readyStage({ concurrency: 2 });
    let kept: unknown;
    const leave = (): void => {
      stage.runtime.exiting();
      kept = stage.outcomes;
    };
    stage.run((x: number) => (queueMicrotask(() => queueMicrotask(leave)), x), [1]);
    await until('it has left', () => kept !== undefined);
    expect([stage.of('dying'), kept]).toEqual([[], new Map([[1, 1]])]);
  });
});
