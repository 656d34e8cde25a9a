import { describe, expect, it } from '@jest/globals';
import { next, tasksOf, type WorkerEvent, type WorkerState } from '#lib/local/lifecycle.js';

const end = { pid: 1, exitCode: 0, signal: null, outOfMemory: false, stderr: [] };

const states = {
  spawning: { is: 'spawning' },
  loaded: { is: 'loaded' },
  initialising: { is: 'initialising' },
  ready: { is: 'ready' },
  busy: { is: 'busy', tasks: 2 },
  retiring: { is: 'retiring', because: 'timeout', tasks: 2 },
  dead: { is: 'dead', end },
} as const satisfies Record<WorkerState['is'], WorkerState>;

const events = {
  online: { type: 'online' },
  initialise: { type: 'initialise' },
  initialised: { type: 'initialised' },
  assigned: { type: 'assigned', tasks: 1 },
  answered: { type: 'answered', tasks: 1 },
  retire: { type: 'retire', because: 'closing' },
  exited: { type: 'exited', end },
} as const satisfies Record<WorkerEvent['type'], WorkerEvent>;

const STAY = 'stay';
const dead: WorkerState = { is: 'dead', end };
const retiring: WorkerState = { is: 'retiring', because: 'closing', tasks: 0 };

/** The table: for each event, what each state becomes; an impossible event is left out and throws. */
const table: Record<WorkerEvent['type'], Partial<Record<WorkerState['is'], WorkerState | typeof STAY>>> = {
  online: { spawning: { is: 'loaded' }, retiring: STAY },
  initialise: { loaded: { is: 'initialising' } },
  initialised: { initialising: { is: 'ready' }, retiring: STAY },
  assigned: { ready: { is: 'busy', tasks: 1 }, busy: { is: 'busy', tasks: 3 } },
  answered: { busy: { is: 'busy', tasks: 1 }, retiring: { is: 'retiring', because: 'timeout', tasks: 1 } },
  retire: {
    spawning: retiring,
    loaded: retiring,
    initialising: retiring,
    ready: retiring,
    busy: { ...retiring, tasks: 2 },
    retiring: STAY,
    dead: STAY,
  },
  exited: { spawning: dead, loaded: dead, initialising: dead, ready: dead, busy: dead, retiring: dead },
};

describe('the life of a worker', () => {
  const cells = Object.keys(events).flatMap((event) =>
    Object.keys(states).map((state) => {
      const becomes = table[event as WorkerEvent['type']][state as WorkerState['is']];
      return {
        event,
        state,
        becomes,
        fate: becomes === undefined ? 'impossible' : becomes === STAY ? 'stays' : becomes.is,
      };
    }),
  ) as { event: WorkerEvent['type']; state: WorkerState['is']; becomes?: WorkerState | typeof STAY; fate: string }[];

  it.each(cells)('$state + $event → $fate', ({ event, state, becomes }) => {
    const before = states[state];
    if (becomes === undefined) expect(() => next(before, events[event])).toThrow(`cannot be told {"type":"${event}"`);
    else expect(next(before, events[event])).toEqual(becomes === STAY ? before : becomes);
  });

  it('makes a busy worker ready with the answer to its last task', () => {
    expect(next(states.busy, { type: 'answered', tasks: 2 })).toEqual({ is: 'ready' });
  });

  it('refuses more answers than there are tasks', () => {
    expect(() => next(states.busy, { type: 'answered', tasks: 3 })).toThrow('cannot be told');
  });

  it('knows how many tasks a worker holds', () => {
    expect(Object.values(states).map(tasksOf)).toEqual([0, 0, 0, 0, 2, 2, 0]);
  });
});
