import { describe, expect, it } from '@jest/globals';
import type { WorkerState } from '#lib/local/lifecycle.js';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Roster } from '#lib/local/workforce/roster.js';

/** A worker, as far as a roster looks at it. */
function worker(is: WorkerState['is'], { load = 0, busyMs = 0, starting = false, leaving = false } = {}): PoolWorker {
  return { state: { is }, load, busyMs, starting, leaving } as PoolWorker;
}

function rosterOf(...workers: PoolWorker[]): Roster {
  const roster = new Roster();
  for (const each of workers) roster.add(each);
  return roster;
}

/** One worker in each state, some of them twice; three hold tasks. */
const each = rosterOf(
  worker('spawning', { starting: true }),
  worker('loaded', { starting: true }),
  worker('initialising', { starting: true }),
  worker('ready'),
  worker('busy', { load: 2 }),
  worker('busy', { load: 1, leaving: true }),
  worker('retiring', { load: 1, leaving: true }),
  worker('retiring'),
);

describe('a roster', () => {
  it.each<[WorkerState['is'], number]>([
    ['spawning', 1],
    ['loaded', 1],
    ['initialising', 1],
    ['ready', 1],
    ['busy', 2],
    ['retiring', 2],
    ['dead', 0],
  ])('counts the workers that are %s: %d', (state, count) => {
    expect(each.count(state)).toBe(count);
  });

  it.each([
    ['starting', 3],
    ['leaving', 2],
    ['working', 3],
    ['initialised', 6],
  ] as const)('counts those that it calls %s: %d', (what, count) => {
    expect(each[what]).toBe(count);
  });

  it('has those serve that are ready or busy', () => {
    expect(each.serving.map(({ state: { is } }) => is)).toEqual(['ready', 'busy', 'busy']);
  });

  it('lets a loop over its workers see each, and no other, though some are added and removed meanwhile', () => {
    const roster = rosterOf(worker('ready'), worker('busy'));
    const seen: string[] = [];
    for (const one of roster.workers) {
      seen.push(one.state.is);
      roster.add(worker('spawning'));
      roster.remove(one);
    }
    expect(seen).toEqual(['ready', 'busy']);
    expect(roster.workers.map(({ state: { is } }) => is)).toEqual(['spawning', 'spawning']);
  });

  it('adds up how long its workers were busy, those that have gone included', () => {
    const gone = worker('retiring', { busyMs: 30 });
    const roster = rosterOf(gone, worker('ready', { busyMs: 5 }));
    expect(roster.busyMs).toBe(35);
    roster.remove(gone);
    roster.add(worker('ready', { busyMs: 2 }));
    expect(roster.busyMs).toBe(37);
  });
});
