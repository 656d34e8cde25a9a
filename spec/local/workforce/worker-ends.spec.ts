import { describe, expect, it } from '@jest/globals';
import { InitializerError, WorkerStartError, type WorkerEnd } from '#lib/errors.js';
import type { WorkerState } from '#lib/local/lifecycle.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import {
  garbledStartOf,
  lateErrorOf,
  reasonOf,
  startErrorOf,
  tooLateErrorOf,
} from '#lib/local/workforce/worker-ends.js';

const STATES = {
  spawning: { is: 'spawning' },
  loaded: { is: 'loaded' },
  initialising: { is: 'initialising' },
  ready: { is: 'ready' },
  busy: { is: 'busy', tasks: 1 },
  idling: { is: 'retiring', because: 'idle', tasks: 0 },
} as const satisfies Record<string, WorkerState>;
const KINDS = { InitializerError, WorkerStartError };

const END: WorkerEnd = { pid: 7, exitCode: 3, signal: null, outOfMemory: false, stderr: ['no disk'] };
const WORKER = {} as PoolWorker;
const CAUSE = new Error('refused');

describe('the error of a start', () => {
  it.each([
    ['spawning', 'WorkerStartError', 'Worker 7 exited with code 3 before it was ready'],
    ['loaded', 'WorkerStartError', 'Worker 7 exited with code 3 before it was ready'],
    ['initialising', 'InitializerError', 'Worker 7 exited with code 3 in the initializer'],
  ] as const)('of a worker that ended while %s is of kind %s', (state, kind, message) => {
    const error = startErrorOf(STATES[state], WORKER, END, undefined);
    expect(error).toBeInstanceOf(KINDS[kind]);
    expect(error?.message).toBe(`${message}. The last lines of its stderr:\nno disk`);
    expect(error).not.toHaveProperty('cause');
  });

  it.each(['ready', 'busy', 'idling'] as const)('does not exist for a worker that ended while %s', (state) => {
    expect(startErrorOf(STATES[state], WORKER, END, undefined)).toBeUndefined();
  });

  it('says why a worker could not be started, whatever its state', () => {
    const error = startErrorOf(STATES.initialising, WORKER, END, CAUSE);
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error).toMatchObject({ message: 'A worker could not be started: refused', cause: CAUSE });
  });

  it('has as its cause what the worker said as it died, or else the cause of its end', () => {
    const dying = { dyingError: { error: 'said' } } as PoolWorker;
    const end = { ...END, cause: 'of the end' };
    expect(startErrorOf(STATES.spawning, dying, end, undefined)?.cause).toBe('said');
    expect(startErrorOf(STATES.spawning, WORKER, end, undefined)?.cause).toBe('of the end');
  });
});

describe('the error of a start whose worker sent what cannot be read', () => {
  it.each([
    ['initialising', 'InitializerError', 'The initializer broke its worker: refused'],
    ['spawning', 'WorkerStartError', 'A worker could not be started: refused'],
  ] as const)('of a worker that was %s is of kind %s', (state, kind, message) => {
    expect(garbledStartOf(STATES[state], CAUSE)).toBeInstanceOf(KINDS[kind]);
    expect(garbledStartOf(STATES[state], CAUSE)).toMatchObject({ message, cause: CAUSE });
  });
});

describe('the error of a start that took too long', () => {
  it.each([
    ['initialising', 'InitializerError', /^The initializer was not done within `startTimeout` \(500 ms\)/],
    ['spawning', 'WorkerStartError', /^A worker was not ready within `startTimeout` \(500 ms\)/],
  ] as const)('of a worker that was %s is of kind %s, and names the limit', (state, kind, message) => {
    expect(tooLateErrorOf(STATES[state], 500)).toBeInstanceOf(KINDS[kind]);
    expect(tooLateErrorOf(STATES[state], 500).message).toMatch(message);
  });
});

describe('the error of a worker that failed after it was ready', () => {
  it.each([
    ['with an initializer', 'InitializerError', true, 'The initializer left behind what failed: refused'],
    ['without one', 'WorkerStartError', false, 'A worker had an error before its first task: refused'],
  ] as const)('in a pool %s is of kind %s', (_, kind, hasInitializer, message) => {
    expect(lateErrorOf(CAUSE, hasInitializer)).toBeInstanceOf(KINDS[kind]);
    expect(lateErrorOf(CAUSE, hasInitializer)).toMatchObject({ message, cause: CAUSE });
  });
});

describe('the reason why a worker is replaced', () => {
  it.each(['spawning', 'ready', 'busy'] as const)('is its death when it ended while %s', (state) => {
    expect(reasonOf(STATES[state])).toBe('died');
  });

  it.each(['maxtasksperchild', 'maxMemoryPerChild', 'timeout', 'aborted', 'died', 'startFailed'] as const)(
    'is %s when that is why it was retiring',
    (because) => expect(reasonOf({ is: 'retiring', because, tasks: 0 })).toBe(because),
  );

  it.each(['idle', 'closing', 'terminated'] as const)('does not exist when it was retiring as %s', (because) => {
    expect(reasonOf({ is: 'retiring', because, tasks: 0 })).toBeUndefined();
  });
});
