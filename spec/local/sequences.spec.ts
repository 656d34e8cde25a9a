import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { heal, rigOf, turn } from '../fixtures/fake-rig.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('any sequence of events', () => {
  /** What can happen next; `at` chooses among the workers that can do it, or the jobs. */
  const step = fc.record({
    what: fc.constantFrom(
      ...(['online', 'begin', 'begin', 'begin', 'answer', 'answer', 'answer', 'fail', 'report', 'exit'] as const),
      ...(['time', 'turn', 'submit', 'submit', 'abort', 'withdraw', 'race', 'unsound', 'failToStart', 'bury'] as const),
    ),
    at: fc.nat({ max: 9 }),
  });
  const call = fc.record({
    chunksize: fc.constantFrom(undefined, 1, 2, 5),
    retries: fc.nat({ max: 2 }),
    timeout: fc.constantFrom(Infinity, Infinity, 30),
    priority: fc.constantFrom(0, 0, 1),
    abortable: fc.boolean(),
    single: fc.boolean(),
  });
  const options = fc.record({
    processes: fc.integer({ min: 1, max: 3 }),
    concurrency: fc.constantFrom(1, 1, 2),
    maxtasksperchild: fc.constantFrom(Infinity, Infinity, 1, 3),
    gracePeriod: fc.constantFrom(0, 100),
    minProcesses: fc.constantFrom(undefined, 0, 1),
    idleTimeout: fc.constantFrom(Infinity, 20),
    cores: fc.integer({ min: 1, max: 4 }),
    canKill: fc.boolean(),
  });

  it('settles every task exactly once, and never has more workers initialised than processes', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(call, { minLength: 1, maxLength: 8 }),
        fc.array(step, { maxLength: 80 }),
        (...game) => play(...game),
      ),
      { numRuns: 1000 },
    );
  });

  type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;
  type Calls = typeof call extends fc.Arbitrary<infer T> ? T[] : never;
  type Steps = typeof step extends fc.Arbitrary<infer T> ? T[] : never;

  function play({ canKill, minProcesses, ...given }: Options, calls: Calls, steps: Steps): void {
    const processes = given.processes;
    const rig = rigOf({ ...given, minProcesses: Math.min(minProcesses ?? processes, processes) }, { canKill });
    const jobs: FakeJob[] = [];
    const waiting = calls.map(({ single: alone, ...rest }) =>
      alone ? single('one', rest) : new FakeJob(range(1 + jobs.length + (rest.chunksize ?? 3)), rest),
    );
    const choose = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];
    const give = (job: FakeJob, how: 'abort' | 'withdraw'): void => {
      if (!job.open) return;
      job.open = false;
      if (how === 'abort') rig.executor.abort(job, 'given up');
      else rig.executor.withdraw(job);
    };
    const happen = ({ what, at }: Steps[number]): void => {
      const { living } = rig.transport;
      const initialised = living.filter((worker) => worker.told('initialise').length > 0);
      switch (what) {
        case 'online': {
          const worker = choose(
            living.filter((one) => one.told('initialise').length === 0),
            at,
          );
          if (worker === undefined) return;
          worker.say({ type: 'online' });
          if (worker.told('initialise').length > 0) worker.say({ type: 'initialised' });
          return;
        }
        case 'failToStart': {
          // Now and then: three in a row with none alive would break it.
          const worker = choose(
            living.filter((one) => one.told('initialise').length === 0),
            at,
          );
          if (worker !== undefined && initialised.some(({ killed }) => !killed)) worker.exit({}, new Error('EAGAIN'));
          return;
        }
        case 'begin': {
          const worker = choose(
            initialised.filter(({ running }) => running.length < given.concurrency),
            at,
          );
          return void worker?.begin();
        }
        case 'answer':
          return choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          )?.answer();
        case 'fail':
          return choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          )?.fail('thrown');
        case 'report': {
          const worker = choose(
            initialised.filter(({ running }) => running.length > 0),
            at,
          );
          return worker?.say({ type: 'reported', task: worker.running[0]?.number ?? 0, value: 'half' });
        }
        case 'unsound':
          return at === 0 ? choose(initialised, at)?.say({ type: 'unsound' }) : undefined;
        case 'exit':
          return canKill && at < 3 ? choose(initialised, at)?.exit() : undefined;
        case 'bury':
          return rig.transport.bury();
        case 'time':
          jest.advanceTimersByTime(at * 20);
          return;
        case 'turn':
          return turn();
        case 'submit': {
          const job = waiting.shift();
          if (job === undefined) return;
          jobs.push(job);
          return rig.executor.submit(job);
        }
        case 'abort': {
          const job = choose(jobs, at);
          return job?.call.abortable ? give(job, 'abort') : undefined;
        }
        case 'withdraw': {
          const job = choose(jobs, at);
          return at === 0 && job ? give(job, 'withdraw') : undefined;
        }
        case 'race': {
          // A worker begins a task in the middle of what the master does.
          const worker = choose(
            initialised.filter(({ running, waiting: w }) => running.length === 0 && w.length > 0),
            at,
          );
          if (worker === undefined) return;
          const hook = at % 2 === 0 ? 'beforeRecall' : 'afterRecall';
          worker.marks[hook] = () => {
            worker.marks[hook] = () => {};
            const [next] = worker.waiting;
            if (next === undefined) return;
            const recall = worker.marks.begin(next.number);
            // Its report comes in a later turn.
            setImmediate(() => !worker.gone && worker.waiting[0] === next && worker.heed(next, recall));
          };
          return;
        }
        default:
          return what satisfies never;
      }
    };
    const check = (): void => {
      const { living } = rig.transport;
      const initialised = living.filter((worker) => worker.told('initialise').length > 0);
      expect(initialised.length).toBeLessThanOrEqual(processes);
      expect(living.length).toBeLessThanOrEqual(processes + initialised.length);
      for (const job of jobs) for (const outcomes of job.outcomes.values()) expect(outcomes).toHaveLength(1);
    };

    for (const one of steps) {
      happen(one);
      check();
    }
    for (const job of waiting.splice(0)) {
      jobs.push(job);
      rig.executor.submit(job);
    }
    // From now on all goes well.
    const done = (job: FakeJob): boolean => !job.open || job.settledOnce;
    for (let round = 0; round < 300 && !jobs.every(done); round++) {
      heal(rig);
      for (const worker of rig.transport.living) worker.work(3);
      jest.advanceTimersByTime(60);
      check();
    }
    expect(rig.broken).toEqual([]);
    expect(jobs.filter((job) => !done(job)).map(({ call: { single: alone } }) => alone)).toEqual([]);
    for (const job of jobs)
      if (!job.open) expect(job.outcomes.size + job.withdrawnTasks).toBeLessThanOrEqual(job.taken);
    void rig.executor.close();
    for (let round = 0; round < 20 && rig.transport.living.length > 0; round++) {
      for (const worker of rig.transport.living) worker.work();
      jest.advanceTimersByTime(200);
      rig.transport.bury();
    }
    expect(rig.transport.living).toEqual([]);
    jest.clearAllTimers();
  }
});
