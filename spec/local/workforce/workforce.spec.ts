import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { InitializerError, WorkerStartError } from '#lib/errors.js';
import type { Report } from '#lib/wire/messages.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { first, heal, readyRigOf, rigOf, SETUP, turn, type Rig } from '../../fixtures/fake-rig.js';
import type { FakeWorker } from '../../fixtures/fake-transport.js';
import { range } from '../../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** Lets promises settle that have all they wait for. */
async function settle(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

/** What becomes of a promise, as far as it is known. */
function fateOf(promise: Promise<unknown>): { is: unknown } {
  const fate: { is: unknown } = { is: 'pending' };
  promise.then(
    () => (fate.is = 'fulfilled'),
    (error: unknown) => (fate.is = error),
  );
  return fate;
}

/** Fails the newest start, and returns after how many ms the next one is made. */
function delayAfterFailure(rig: Rig): number {
  const started = rig.workers.length;
  rig.workers.at(-1)?.exit({}, new Error('EAGAIN'));
  for (let ms = 0; ms <= 20_000; ms++) {
    if (rig.workers.length > started) return ms;
    jest.advanceTimersByTime(1);
  }
  return Infinity;
}

describe('a workforce', () => {
  it('starts two workers at once, the others in a turn of their own, and no more than processes', () => {
    const rig = rigOf({ processes: 3 });
    expect([rig.workers.length, rig.executor.stats().workers.starting]).toEqual([2, 3]);
    turn();
    expect([rig.workers.length, rig.executor.stats().workers.starting]).toEqual([3, 3]);
    for (const worker of rig.workers) worker.start();
    expect(rig.executor.stats().workers).toEqual({ starting: 0, ready: 3, busy: 0, retiring: 0 });
  });

  it('numbers them, and initialises each once with its number', () => {
    const rig = readyRigOf({ processes: 2 });
    first(rig).exit();
    heal(rig);
    const setups = rig.workers.flatMap((worker) => worker.told('initialise').map(({ setup }) => setup.id));
    expect(setups).toEqual([1, 2, 3]);
  });

  it('starts its first workers eight at a time, where there are no more cores', () => {
    const rig = rigOf({ processes: 12, cores: 2 });
    turn();
    expect([rig.workers.length, rig.executor.stats().workers.starting]).toEqual([8, 12]);
    first(rig).start();
    turn();
    expect(rig.workers).toHaveLength(9);
  });

  it('replaces many that leave together one after another where all cores are busy', () => {
    const rig = rigOf({ processes: 4, cores: 2, maxtasksperchild: 1 });
    for (let n = 0; n < 3; n++) heal(rig);
    const [a, b] = rig.workers as [FakeWorker, FakeWorker];
    for (let n = 0; n < 4; n++) rig.executor.submit(single(n));
    a.work();
    b.work();
    a.exit({ exitCode: 0, signal: null });
    b.exit({ exitCode: 0, signal: null });
    turn();
    expect([rig.workers.length, rig.executor.stats().workers.starting]).toEqual([5, 2]);
    rig.workers[4]?.start();
    turn();
    expect(rig.workers).toHaveLength(6);
  });
});

describe('ready', () => {
  it('waits for workers to be initialised, not for all to be there at one moment', async () => {
    const rig = readyRigOf({ processes: 2, cores: 2, maxtasksperchild: 1 });
    first(rig).exit();
    const ready = fateOf(rig.executor.ready());
    await settle();
    expect(ready.is).toBe('pending');
    // The second leaves as the third comes.
    rig.executor.submit(single('last'));
    rig.workers[1]?.work();
    rig.workers[1]?.exit({ exitCode: 0, signal: null });
    turn();
    rig.workers[2]?.start();
    await settle();
    expect([rig.executor.stats().workers, ready.is]).toEqual([
      { starting: 1, ready: 1, busy: 0, retiring: 0 },
      'fulfilled',
    ]);
  });

  it('counts each worker once, and none that failed', async () => {
    const rig = readyRigOf();
    const unsound = { type: 'unsound', error: { value: new Error('refused') } } as const;
    first(rig).say(unsound);
    const ready = fateOf(rig.executor.ready());
    rig.transport.bury();
    jest.advanceTimersByTime(101);
    heal(rig);
    await settle();
    expect(ready.is).toBe('fulfilled');
  });

  it('counts one that turns ready at that moment once', async () => {
    const rig = rigOf({ processes: 2 });
    let ready = { is: 'not asked' as unknown };
    const ask = (): void => void (ready = fateOf(rig.executor.ready()));
    subscribe('forkpool:worker:state', ask);
    first(rig).say({ type: 'online' });
    first(rig).say({ type: 'initialised' });
    unsubscribe('forkpool:worker:state', ask);
    await settle();
    expect(ready.is).toBe('pending');
    rig.workers[1]?.start();
    await settle();
    expect(ready.is).toBe('fulfilled');
  });

  it('does not count one that ends before it has done anything', async () => {
    const rig = rigOf({ processes: 2 });
    const ready = fateOf(rig.executor.ready());
    first(rig).start();
    first(rig).exit();
    turn();
    rig.workers[1]?.start();
    await settle();
    expect(ready.is).toBe('pending');
    heal(rig);
    await settle();
    expect(ready.is).toBe('fulfilled');
  });
});

describe('a report that a worker cannot have made', () => {
  it.each([
    ['ready', { type: 'online' }],
    ['ready', { type: 'initialised' }],
    ['ready', { type: 'failed', error: { value: 1 } }],
    ['busy', { type: 'initialised' }],
  ] as const)('costs it its life, and nobody else anything: one that is %s reports %j', (is, report) => {
    const rig = readyRigOf({ processes: 2 });
    const jobs = [single('a'), single('b')];
    if (is === 'busy') for (const job of jobs) rig.executor.submit(job);
    first(rig).begin();
    first(rig).say(report);
    expect(rig.workers.map(({ killed }) => killed)).toEqual([true, false]);
    heal(rig);
    rig.workers[1]?.work();
    if (is === 'ready') return;
    expect(jobs.map(({ results }) => results)).toEqual([
      [
        expect.objectContaining({
          code: 'ERR_WORKER_LOST',
          cause: expect.objectContaining({ message: `A worker that is busy reported ${report.type}` }),
        }),
      ],
      ['b'],
    ]);
  });

  it.each([
    ['before it has started', WorkerStartError, [{ type: 'settled', runs: [] }]],
    ['in its initializer', InitializerError, [{ type: 'online' }, { type: 'online' }]],
  ] as const)('%s makes its start fail: three of these break the pool', (_, failure, said) => {
    const rig = rigOf();
    for (let n = 0; n < 3; n++) {
      expect(rig.broken).toEqual([]);
      for (const report of said) rig.workers.at(-1)?.say(report);
      rig.transport.bury();
      jest.advanceTimersByTime(5000);
      turn();
    }
    expect(rig.broken).toEqual([expect.any(failure)]);
    expect(rig.executor.stats().replaced).toMatchObject({ startFailed: 3, died: 0 });
  });
});

describe('a pool that is terminated again and again', () => {
  it('gives its workers no more time than the first time', () => {
    const rig = readyRigOf({ gracePeriod: 500 });
    const killed = jest.spyOn(first(rig), 'kill');
    jest.spyOn(first(rig), 'terminate').mockReturnValue();
    void rig.executor.terminate();
    jest.advanceTimersByTime(400);
    void rig.executor.terminate();
    expect(killed).not.toHaveBeenCalled();
    jest.advanceTimersByTime(101);
    expect(killed).toHaveBeenCalledTimes(1);
  });
});

describe('a worker that leaves', () => {
  it('has its replacement loaded meanwhile where a core is free, and initialised when it has gone', () => {
    const rig = readyRigOf({ cores: 2, maxtasksperchild: 1 });
    rig.executor.submit(single(1));
    first(rig).work();
    turn();
    const spare = rig.workers[1] as FakeWorker;
    spare.say({ type: 'online' });
    expect([first(rig).asked, spare.told('initialise')]).toEqual([true, []]);
    first(rig).exit({ exitCode: 0, signal: null });
    expect(spare.told('initialise')).toHaveLength(1);
    turn();
    expect(rig.workers).toHaveLength(2);
    expect(rig.executor.stats().replaced).toMatchObject({ maxtasksperchild: 1, died: 0 });
  });

  it('has it wait as long as the old worker takes to leave: startTimeout begins anew with its initializer', () => {
    const rig = readyRigOf({ cores: 2, maxtasksperchild: 1, startTimeout: 500, gracePeriod: 10_000 });
    rig.executor.submit(single('last'));
    first(rig).work();
    turn();
    const spare = rig.workers[1] as FakeWorker;
    spare.say({ type: 'online' });
    jest.advanceTimersByTime(5000);
    expect([rig.workers.length, spare.killed]).toEqual([2, false]);
    first(rig).exit({ exitCode: 0, signal: null });
    jest.advanceTimersByTime(499);
    expect([spare.told('initialise').length, spare.killed]).toEqual([1, false]);
    jest.advanceTimersByTime(2);
    expect(spare.killed).toBe(true);
  });

  it('has it loaded before its last tasks are done, when more wait', () => {
    const rig = readyRigOf({ cores: 2, maxtasksperchild: 2 });
    for (let n = 0; n < 3; n++) rig.executor.submit(single(n));
    first(rig).work(1);
    turn();
    expect([first(rig).asked, rig.workers.length]).toEqual([false, 2]);
  });

  it('has none where nothing waits, until it is asked to leave', () => {
    const rig = readyRigOf({ cores: 2, maxtasksperchild: 1 });
    rig.executor.submit(single(1));
    turn();
    expect(rig.workers).toHaveLength(1);
  });

  it('is replaced when it has gone where no core is free', () => {
    const rig = rigOf({ processes: 2, cores: 1, maxtasksperchild: 1 });
    for (let n = 0; n < 2; n++) heal(rig);
    for (let n = 0; n < 3; n++) rig.executor.submit(single(n));
    first(rig).work();
    turn();
    expect([first(rig).asked, rig.workers.length]).toEqual([true, 2]);
    first(rig).exit({ exitCode: 0, signal: null });
    turn();
    expect(rig.workers).toHaveLength(3);
  });

  it('whose replacement waits for a free core does not keep the pool from closing', async () => {
    const rig = rigOf({ processes: 3, cores: 1, maxtasksperchild: 1 });
    for (let n = 0; n < 3; n++) heal(rig);
    for (let n = 0; n < 3; n++) rig.executor.submit(single(n));
    for (const worker of rig.workers) worker.work();
    rig.transport.bury();
    turn();
    expect(rig.executor.stats().workers.starting).toBe(3);
    const closed = fateOf(rig.executor.close());
    rig.transport.bury();
    turn();
    await settle();
    expect(closed.is).toBe('fulfilled');
  });

  it('leaves no spare behind when the pool closes', async () => {
    const rig = readyRigOf({ cores: 2, maxtasksperchild: 1 });
    rig.executor.submit(single(1));
    first(rig).work();
    turn();
    rig.workers[1]?.say({ type: 'online' });
    const closed = fateOf(rig.executor.close());
    rig.transport.bury();
    turn();
    await settle();
    expect([closed.is, rig.transport.living]).toEqual(['fulfilled', []]);
  });
});

describe('ready', () => {
  it('resolves when every worker is initialised', async () => {
    const rig = rigOf({ processes: 2 });
    const fate = fateOf(rig.executor.ready());
    turn();
    first(rig).start();
    await settle();
    expect(fate.is).toBe('pending');
    rig.workers[1]?.start();
    await settle();
    expect(fate.is).toBe('fulfilled');
  });

  it('resolves, and its worker lives, though whoever hears of that gives it a task at once', async () => {
    const rig = rigOf();
    const job = single('at once');
    const onState = (message: unknown): void => {
      if ((message as { to: string }).to === 'ready' && job.taken === 0) rig.executor.submit(job);
    };
    subscribe('forkpool:worker:state', onState);
    const fate = fateOf(rig.executor.ready());
    turn();
    first(rig).start();
    unsubscribe('forkpool:worker:state', onState);
    await settle();
    expect([fate.is, first(rig).waiting.length]).toEqual(['fulfilled', 1]);
    jest.advanceTimersByTime(60_000);
    expect(first(rig).killed).toBe(false);
  });

  it('resolves at once where they come as they are needed', async () => {
    const fate = fateOf(rigOf({ processes: 2, minProcesses: 0 }).executor.ready());
    await settle();
    expect(fate.is).toBe('fulfilled');
  });

  it.each(['close', 'terminate'] as const)('rejects after %s', async (leave) => {
    const rig = readyRigOf();
    void rig.executor[leave]();
    const fate = fateOf(rig.executor.ready());
    await settle();
    expect(fate.is).toBeInstanceOf(Error);
  });
});

describe('a start that fails', () => {
  it('is tried again after 100 ms, doubling to 5 s, while another worker lives', () => {
    const rig = rigOf({ processes: 2 });
    turn();
    first(rig).start();
    const delays = Array.from({ length: 9 }, () => delayAfterFailure(rig));
    for (const [at, expected] of [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000].entries()) {
      expect(delays[at]).toBeGreaterThanOrEqual(expected);
      expect(delays[at]).toBeLessThanOrEqual(expected + 2);
    }
    expect(rig.broken).toEqual([]);
    expect(rig.executor.stats().replaced).toMatchObject({ startFailed: 9, died: 0 });
  });

  it('begins at 100 ms again after one that succeeded', () => {
    const rig = rigOf({ processes: 2 });
    turn();
    first(rig).start();
    for (let n = 0; n < 4; n++) delayAfterFailure(rig);
    const worker = rig.workers.at(-1);
    worker?.start();
    worker?.exit();
    turn();
    expect(delayAfterFailure(rig)).toBeLessThanOrEqual(102);
  });

  it('is followed by a pause as long as the ones that workers bring about who die before any task, time and again', () => {
    const rig = rigOf();
    turn();
    const pauses = Array.from({ length: 6 }, () => {
      const before = rig.workers.length;
      rig.workers.at(-1)?.start();
      rig.workers.at(-1)?.exit();
      let ms = 0;
      for (turn(); rig.workers.length === before; ms++) jest.advanceTimersByTime(1);
      return ms;
    });
    // The first may be chance.
    for (const [at, expected] of [0, 100, 200, 400, 800, 1600].entries()) {
      expect(pauses[at]).toBeGreaterThanOrEqual(expected - 1);
      expect(pauses[at]).toBeLessThanOrEqual(expected + 2);
    }
    expect(rig.broken).toEqual([]);
  });

  it('is followed by such a pause where they were given tasks, too, and began none', () => {
    const rig = rigOf();
    turn();
    rig.executor.submit(new FakeJob(range(20)));
    const pauses = Array.from({ length: 3 }, () => {
      const before = rig.workers.length;
      rig.workers.at(-1)?.start();
      expect(rig.workers.at(-1)?.waiting.length).toBeGreaterThan(0);
      rig.workers.at(-1)?.exit();
      let ms = 0;
      for (turn(); rig.workers.length === before; ms++) jest.advanceTimersByTime(1);
      return ms;
    });
    expect(pauses[0]).toBeLessThanOrEqual(2);
    expect(pauses[1]).toBeGreaterThanOrEqual(99);
    expect(pauses[2]).toBeGreaterThanOrEqual(199);
  });

  it('is followed by such a pause where they marked one, and gave it back', () => {
    const rig = rigOf();
    turn();
    const pauses = Array.from({ length: 3 }, () => {
      const before = rig.workers.length;
      const worker = rig.workers.at(-1);
      worker?.start();
      const job = single('taken back');
      rig.executor.submit(job);
      worker?.marks.say(1);
      job.open = false;
      worker?.say({ type: 'declined', from: 1, to: 2 });
      worker?.exit();
      let ms = 0;
      for (turn(); rig.workers.length === before; ms++) jest.advanceTimersByTime(1);
      return ms;
    });
    expect(pauses[1]).toBeGreaterThanOrEqual(99);
    expect(pauses[2]).toBeGreaterThanOrEqual(199);
  });

  it('breaks the pool when it is the third in a row and none lives', async () => {
    const rig = rigOf();
    const fate = fateOf(rig.executor.ready());
    turn();
    delayAfterFailure(rig);
    delayAfterFailure(rig);
    expect(rig.broken).toEqual([]);
    expect(delayAfterFailure(rig)).toBe(Infinity);
    await settle();
    expect(rig.broken).toEqual([expect.any(WorkerStartError)]);
    expect(rig.broken[0]).toMatchObject({ code: 'ERR_WORKER_START', cause: { message: 'EAGAIN' } });
    expect(fate.is).toBe(rig.broken[0]);
    const closed = fateOf(rig.executor.close());
    await settle();
    expect(closed.is).toBe('fulfilled');
  });

  it('breaks the pool after the last worker has died, too', () => {
    const rig = rigOf({ processes: 2 });
    turn();
    first(rig).start();
    for (let n = 0; n < 5; n++) delayAfterFailure(rig);
    first(rig).exit();
    expect(rig.broken).toEqual([]);
    jest.advanceTimersByTime(10_000);
    rig.workers.at(-1)?.exit({}, new Error('EAGAIN'));
    expect(rig.broken).toHaveLength(1);
  });

  it('breaks no pool in which a worker that is to leave is still at its last tasks', () => {
    const rig = rigOf({ processes: 2 });
    turn();
    const last = single('last');
    rig.executor.submit(last);
    first(rig).start();
    first(rig).begin();
    first(rig).say({ type: 'unsound' });
    for (let n = 0; n < 5; n++) delayAfterFailure(rig);
    expect([rig.broken, first(rig).killed]).toEqual([[], false]);
    first(rig).answer();
    expect(last.results).toEqual(['last']);
  });

  it('is told when it is the third in a row and others live, to whoever waits for all of them too', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const rig = rigOf({ processes: 2 });
    const fate = fateOf(rig.executor.ready());
    turn();
    first(rig).start();
    for (let n = 0; n < 2; n++) delayAfterFailure(rig);
    await settle();
    expect([fate.is, warn.mock.calls.length]).toEqual(['pending', 0]);
    for (let n = 0; n < 2; n++) delayAfterFailure(rig);
    await settle();
    expect(fate.is).toMatchObject({ code: 'ERR_WORKER_START', cause: { message: 'EAGAIN' } });
    expect(warn.mock.calls).toEqual([[expect.stringContaining('EAGAIN'), { code: 'FORKPOOL_START_FAILED' }]]);
    expect(rig.broken).toEqual([]);
  });

  it('gives its place to a replacement that is loaded', () => {
    const rig = readyRigOf({ processes: 2, cores: 4, maxtasksperchild: 1 });
    for (const n of [1, 2]) rig.executor.submit(single(n));
    for (const worker of rig.workers.slice()) worker.work();
    turn();
    const [, , one, other] = rig.workers as [FakeWorker, FakeWorker, FakeWorker, FakeWorker];
    for (const spare of [one, other]) spare.say({ type: 'online' });
    first(rig).exit({ exitCode: 0, signal: null });
    one.say({ type: 'failed', error: { value: new Error('no database') } });
    expect([one.told('initialise').length, other.told('initialise').length]).toEqual([1, 0]);
    one.exit();
    expect(other.told('initialise')).toHaveLength(1);
  });

  it('does not break a pool that is closing', () => {
    const rig = rigOf({ processes: 3 });
    turn();
    void rig.executor.close();
    for (const worker of rig.workers) worker.exit({}, new Error('EAGAIN'));
    expect(rig.broken).toEqual([]);
  });

  it('leaves tasks waiting until one succeeds', () => {
    const rig = rigOf();
    const job = single('patient');
    rig.executor.submit(job);
    turn();
    delayAfterFailure(rig);
    heal(rig);
    rig.workers.at(-1)?.work();
    expect(job.results).toEqual(['patient']);
  });
});

describe('a worker that seemed to have started, and of whose initializer an error came before its first answer', () => {
  const initializer = { kind: 'export', module: 'file:///init.js', path: ['init'] } as const;
  const setup = { ...SETUP, initializer };
  const unsound = { type: 'unsound', error: { value: new Error('refused') } } as const;

  /** Has the newest worker start, and say that it is unsound; returns how long it is until the next is made. */
  function delayAfter(rig: Rig, saying: Report = unsound): number {
    const worker = rig.workers.at(-1);
    const before = rig.workers.length;
    worker?.start();
    worker?.say(saying);
    rig.transport.bury();
    for (let ms = 0; ms <= 20_000; ms++) {
      turn();
      if (rig.workers.length > before) return ms;
      jest.advanceTimersByTime(1);
    }
    return Infinity;
  }

  it('counts as a start that failed, and is killed', () => {
    const rig = readyRigOf({ setup });
    first(rig).say(unsound);
    expect([first(rig).killed, first(rig).asked]).toEqual([true, false]);
    first(rig).exit();
    expect(rig.executor.stats().replaced).toMatchObject({ startFailed: 1, died: 0 });
  });

  it('is replaced after 100 ms, then after 200; the third in a row breaks the pool', async () => {
    const rig = rigOf({ setup });
    turn();
    const delays = [delayAfter(rig), delayAfter(rig)];
    for (const [at, expected] of [100, 200].entries()) {
      expect(delays[at]).toBeGreaterThanOrEqual(expected - 1);
      expect(delays[at]).toBeLessThanOrEqual(expected + 2);
    }
    expect(rig.broken).toEqual([]);
    expect(delayAfter(rig)).toBe(Infinity);
    expect(rig.broken).toEqual([expect.any(InitializerError)]);
    expect(rig.broken[0]).toMatchObject({ cause: { message: 'refused' } });
    const closed = fateOf(rig.executor.close());
    await settle();
    expect(closed.is).toBe('fulfilled');
  });

  it('breaks the pool in the same way where tasks wait, which no worker has begun', () => {
    const rig = rigOf({ setup, concurrency: 2 });
    rig.executor.submit(new FakeJob(range(20)));
    turn();
    for (let n = 0; n < 3; n++) delayAfter(rig);
    expect(rig.broken).toEqual([expect.any(InitializerError)]);
    expect(rig.workers).toHaveLength(3);
  });

  it('breaks a pool of many workers when all of three generations have ended so', () => {
    const rig = rigOf({ setup, processes: 4 });
    turn();
    for (let generation = 1; generation <= 3; generation++) {
      expect(rig.broken).toEqual([]);
      for (const worker of rig.transport.living) worker.start();
      for (const worker of rig.transport.living) worker.say(unsound);
      rig.transport.bury();
      jest.advanceTimersByTime(5000);
      turn();
    }
    expect(rig.broken).toEqual([expect.any(InitializerError)]);
    expect(rig.workers).toHaveLength(12);
  });

  it('has the pool go on with those that live, which it says', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const rig = rigOf({ setup, processes: 2 });
    turn();
    first(rig).start();
    for (let n = 0; n < 5; n++) delayAfter(rig);
    expect(rig.broken).toEqual([]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('refused'), { code: 'FORKPOOL_START_FAILED' }]]);
  });

  it('does not break the pool where one that answered has left in between', () => {
    const rig = rigOf({ setup });
    turn();
    for (let n = 0; n < 2; n++) delayAfter(rig);
    rig.workers.at(-1)?.start();
    rig.executor.submit(single('answered'));
    rig.workers.at(-1)?.work();
    rig.workers.at(-1)?.exit();
    turn();
    for (let n = 0; n < 2; n++) delayAfter(rig);
    expect(rig.broken).toEqual([]);
  });

  it('does not break the pool where one that had nothing to do for 5 s has left in between', () => {
    const rig = rigOf({ setup });
    turn();
    for (let n = 0; n < 2; n++) delayAfter(rig);
    rig.workers.at(-1)?.start();
    jest.advanceTimersByTime(5001);
    rig.workers.at(-1)?.say(unsound);
    rig.transport.bury();
    turn();
    for (let n = 0; n < 2; n++) delayAfter(rig);
    expect(rig.broken).toEqual([]);
  });

  it('counts as one that died, and may leave, where it had nothing to do for 5 s', () => {
    const rig = readyRigOf({ setup });
    jest.advanceTimersByTime(5001);
    first(rig).say(unsound);
    expect([first(rig).killed, first(rig).asked]).toEqual([false, true]);
    first(rig).exit();
    expect(rig.executor.stats().replaced).toMatchObject({ startFailed: 0, died: 1 });
  });

  it('counts as one that died where the error came from the module of a task', () => {
    const rig = readyRigOf({ setup });
    first(rig).say({ type: 'unsound' });
    expect([first(rig).killed, first(rig).asked]).toEqual([false, true]);
  });

  it('is let be where it leaves already', () => {
    const rig = readyRigOf({ setup });
    void rig.executor.close();
    first(rig).say(unsound);
    expect([first(rig).killed, first(rig).asked]).toEqual([false, true]);
  });

  it('fails of WorkerStartError where there is no initializer', () => {
    const rig = rigOf();
    turn();
    for (let n = 0; n < 3; n++) delayAfter(rig);
    expect(rig.broken).toEqual([expect.any(WorkerStartError)]);
  });
});

describe('the reason of a failed start', () => {
  /** What three starts that end so break the pool with. */
  function reasonOf(end: (worker: FakeWorker) => void): Error | undefined {
    const rig = rigOf();
    for (let n = 0; n < 3; n++) {
      jest.advanceTimersByTime(500);
      for (const worker of rig.transport.living) end(worker);
      rig.transport.bury();
    }
    return rig.broken[0];
  }

  it('is WorkerStartError when it ends before it is initialised', () => {
    const error = reasonOf((worker) => worker.exit({ exitCode: 9, signal: null, stderr: ['bad option: --nonsense'] }));
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error?.message).toContain('exited with code 9');
    expect(error?.message).toContain('bad option: --nonsense');
  });

  it('is InitializerError, with its cause, when the initializer throws', () => {
    const error = reasonOf((worker) => {
      worker.say({ type: 'online' });
      worker.say({ type: 'failed', error: { value: new Error('no database') } });
      expect(worker.killed).toBe(true);
    });
    expect(error).toBeInstanceOf(InitializerError);
    expect(error).toMatchObject({ code: 'ERR_INITIALIZER', cause: { message: 'no database' } });
  });

  it('is InitializerError when it dies in the initializer', () => {
    const error = reasonOf((worker) => {
      worker.say({ type: 'online' });
      worker.exit();
    });
    expect(error).toBeInstanceOf(InitializerError);
    expect(error?.message).toContain('killed by SIGKILL');
  });

  it('is WorkerStartError when it is not ready in time before the initializer ran, and it is killed', () => {
    const rig = rigOf({ startTimeout: 500 });
    turn();
    jest.advanceTimersByTime(499);
    expect(first(rig).killed).toBe(false);
    jest.advanceTimersByTime(2);
    expect(first(rig).killed).toBe(true);
    first(rig).exit();
    expect(rig.executor.stats().replaced).toMatchObject({ startFailed: 1, died: 0 });
  });

  it('is InitializerError when the initializer is not done in time', () => {
    const rig = rigOf({ startTimeout: 500 });
    for (let n = 0; n < 3; n++) {
      turn();
      rig.transport.living[0]?.say({ type: 'online' });
      jest.advanceTimersByTime(501);
      rig.transport.bury();
      jest.advanceTimersByTime(400);
    }
    expect(rig.broken).toEqual([expect.any(InitializerError)]);
    expect(rig.broken[0]?.message).toBe(
      'The initializer was not done within `startTimeout` (500 ms). Raise it, or do less in the initializer',
    );
  });

  it('is SerializationError when initargs cannot be copied', () => {
    const error = reasonOf((worker) => {
      worker.send = () => {
        throw new TypeError('a function cannot be copied');
      };
      worker.say({ type: 'online' });
    });
    expect(error).toMatchObject({ code: 'ERR_SERIALIZATION', direction: 'initargs' });
  });
});

describe('an elastic workforce', () => {
  const elastic = { processes: 3, minProcesses: 1, idleTimeout: 50 };

  it('starts with the minimum, and grows to what waits', () => {
    const rig = rigOf(elastic);
    turn();
    expect(rig.workers).toHaveLength(1);
    for (let n = 0; n < 5; n++) rig.executor.submit(single(n));
    for (let n = 0; n < 5; n++) heal(rig);
    expect(rig.transport.living).toHaveLength(3);
  });

  it('lets idle workers go, down to the minimum', () => {
    const rig = rigOf(elastic);
    const jobs = [1, 2, 3].map((item) => single(item));
    for (const job of jobs) rig.executor.submit(job);
    for (let n = 0; n < 5; n++) heal(rig);
    expect(rig.workers).toHaveLength(3);
    for (const worker of rig.workers) worker.work();
    jest.advanceTimersByTime(49);
    expect(rig.workers.some(({ asked }) => asked)).toBe(false);
    jest.advanceTimersByTime(5000);
    expect(rig.workers.filter(({ asked, killed }) => asked || killed)).toHaveLength(2);
    rig.transport.bury();
    turn();
    expect(rig.workers).toHaveLength(3);
  });

  it('keeps a worker that was given something in the meantime', () => {
    const rig = rigOf({ ...elastic, minProcesses: 0, processes: 1 });
    rig.executor.submit(single(1));
    heal(rig);
    first(rig).work();
    jest.advanceTimersByTime(40);
    rig.executor.submit(single(2));
    jest.advanceTimersByTime(40);
    expect(first(rig).asked).toBe(false);
    first(rig).work();
    jest.advanceTimersByTime(51);
    expect(first(rig).asked).toBe(true);
  });

  it('sets one timer for a worker, however many tasks it has run', () => {
    const rig = rigOf({ ...elastic, idleTimeout: 60_000 });
    heal(rig);
    rig.executor.submit(single(0));
    first(rig).work();
    const timers = jest.getTimerCount();
    for (let n = 0; n < 100; n++) {
      rig.executor.submit(single(n));
      first(rig).work();
    }
    expect(jest.getTimerCount()).toBeLessThanOrEqual(timers + 1);
  });

  it('keeps no timer for a worker that has gone', () => {
    const rig = rigOf({ ...elastic, minProcesses: 0, idleTimeout: 60_000 });
    const timers = jest.getTimerCount();
    rig.executor.submit(single(0));
    heal(rig);
    first(rig).work();
    first(rig).exit();
    turn();
    expect(jest.getTimerCount()).toBe(timers);
  });
});
