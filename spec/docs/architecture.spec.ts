import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { next, type WorkerEvent, type WorkerState } from '#lib/local/lifecycle.js';
import { layers, SEEN_BY_ALL, type Layer } from '../layers.js';
import { codesIn, read, root, sectionOf, tableWith } from './helpers.js';

const page = read('docs/architecture.md');
const life = read('lib/local/README.md');

describe('the table of layers', () => {
  const told = tableWith(page, 'layer', 'what it is', 'sees').map(({ layer = '', sees }) => [codesIn(layer)[0], sees]);

  it('has those that imports are checked against, in the same order', () => {
    const held = layers.map(({ name, sees, typesOf = [] }: Layer) => [
      name,
      sees.map((other) => (typesOf.includes(other) ? `${other} (types)` : other)).join(', '),
    ]);
    expect(told).toEqual(held);
  });

  it('is said to let everyone see the same layer', () => {
    expect(page).toContain(`import \`${SEEN_BY_ALL}\`.`);
  });
});

describe('the path of a task', () => {
  const steps = tableWith(page, 'step', 'file', 'what happens').filter(({ step }) => step !== '');

  it.each(steps.map((step) => [step['file']?.slice(1, -1) ?? '', codesIn(step['what happens'] ?? '')] as const))(
    'leads through %s, by %j',
    (file, names) => {
      const source = read(file);
      // `square` is the user's.
      const missing = names.filter(
        (name) => name !== 'square' && !new RegExp(String.raw`(?:function|class|#|^ +)\s*${name}\b`, 'm').test(source),
      );
      expect(missing).toEqual([]);
    },
  );
});

describe.each(['lib/wire', 'lib/references'])('the table of files in %s', (folder) => {
  it('has each of them once', () => {
    const told = tableWith(read(`${folder}/README.md`), 'file', 'what it holds').map(
      ({ file = '' }) => codesIn(file)[0],
    );
    const there = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
    expect(told.toSorted()).toEqual(there.toSorted());
  });
});

describe('the map of lib/local', () => {
  it('names each of its files once', () => {
    const [map = ''] = life.split('\n## ');
    const there = readdirSync(join(root, 'lib/local'), { recursive: true, encoding: 'utf8' }).map((path) =>
      basename(path),
    );
    const isCode = (name: string): boolean => name.endsWith('.ts');
    expect(codesIn(map).filter(isCode).toSorted()).toEqual(there.filter(isCode).toSorted());
  });
});

describe('the table of the states of a worker', () => {
  const states: Record<string, WorkerState> = {
    spawning: { is: 'spawning' },
    loaded: { is: 'loaded' },
    initialising: { is: 'initialising' },
    ready: { is: 'ready' },
    busy: { is: 'busy', tasks: 2 },
    retiring: { is: 'retiring', because: 'closing', tasks: 2 },
    dead: { is: 'dead', end: { pid: 1, exitCode: 0, signal: null, outOfMemory: false, stderr: [] } },
  };
  const events: Record<string, WorkerEvent[]> = {
    online: [{ type: 'online' }],
    initialise: [{ type: 'initialise' }],
    initialised: [{ type: 'initialised' }],
    assigned: [{ type: 'assigned', tasks: 1 }],
    answered: [
      { type: 'answered', tasks: 1 },
      { type: 'answered', tasks: 2 },
    ],
    retire: [{ type: 'retire', because: 'idle' }],
    exited: [{ type: 'exited', end: { pid: 1, exitCode: 0, signal: null, outOfMemory: false, stderr: [] } }],
  };
  const table = tableWith(life, 'event', ...Object.keys(states));

  it('has every event', () => {
    expect(table.map(({ event }) => event)).toEqual(Object.keys(events));
  });

  it.each(
    Object.keys(events).flatMap((event) =>
      Object.keys(states).map((state) => [event, state, table.find((row) => row['event'] === event)?.[state] ?? '']),
    ),
  )('%s + %s → %s', (event = '', state = '', told = '') => {
    const reached = (events[event] ?? []).map((one) => {
      try {
        const { is } = next(states[state] as WorkerState, one);
        return is === state && told === 'stay' ? 'stay' : is;
      } catch {
        return '✗';
      }
    });
    expect([...new Set(reached)].join(', ')).toBe(told);
  });
});

describe('the table of reasons to leave', () => {
  it('has every reason, and no other', () => {
    const [declared = ''] = /type Retirement =[^;]*;/.exec(read('lib/local/lifecycle.ts')) ?? [];
    const reasons = [...declared.matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
    const told = tableWith(sectionOf(life, 'Leaving'), 'because', 'when', 'replaced').map(
      ({ because = '' }) => codesIn(because)[0],
    );
    expect(told).toEqual(reasons);
  });
});

describe('the numbers in the life of a worker', () => {
  it.each([
    ['workforce/setbacks', 'FIRST_DELAY_MS', '100 ms'],
    ['workforce/setbacks', 'LONGEST_DELAY_MS', '5 s'],
    ['workforce/setbacks', 'MOST_FAILURES', 'Three failures'],
    ['tasks/rebalance', 'STALLED_MS', '3 ms'],
    ['tasks/pace', 'AHEAD_MS', '5 ms'],
    ['tasks/pace', 'MESSAGE_MS', '2 ms'],
    ['tasks/pace', 'LEAST_MS', '100 µs'],
    ['fork', 'DRAIN_MS', '200 ms'],
    ['../wire/messages', 'TINY_MS', '20 µs'],
    ['../../workers/group-plans', 'MOST_GROUP_TASKS', '256'],
    ['../../workers/group-plans', 'MOST_GROUP_MS', '1 ms'],
    ['../../workers/group-plans', 'ANSWER_MS', '2 ms'],
    ['tasks/kept-watch', 'WATCH_MS', '8 ms'],
  ])('are those of %s: %s is %s', (file, name, told) => {
    const value = Number(
      new RegExp(String.raw`^(?:export )?const ${name} = ([\d._]+);`, 'm').exec(read(`lib/local/${file}.ts`))?.[1],
    );
    const [, number = '', unit = ''] = /^(\w+) ?(.*)$/.exec(told.replace('Three', '3')) ?? [];
    const scale: Record<string, number> = { s: 1000, µs: 0.001 };
    expect(value).toBeCloseTo(Number(number) * (scale[unit] ?? 1), 6);
    expect(life).toContain(told);
  });
});
