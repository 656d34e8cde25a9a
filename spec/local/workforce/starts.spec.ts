import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Roster } from '#lib/local/workforce/roster.js';
import { Starts } from '#lib/local/workforce/starts.js';
import { turn } from '../../fixtures/fake-rig.js';
import { range } from '../../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Starts whose workers go on spawning until the spec says that they have loaded; `working`: workers that hold tasks. */
function startsOf(options: { processes: number; cores: number; planned: number; working?: number }) {
  const { processes, cores, planned, working = 0 } = options;
  const made: number[] = [];
  const spawning = { now: 0 };
  const roster = { count: () => spawning.now, working } as unknown as Roster;
  const starts = new Starts({ processes, cores }, roster, (id) => (made.push(id), spawning.now++));
  for (let n = 0; n < planned; n++) starts.plan();
  const load = (): void => {
    spawning.now = 0;
    starts.makeSoon();
    turn();
  };
  return { starts, made, load };
}

/** Ids from 1 on. */
const upTo = (count: number): number[] => range(count).map((n) => n + 1);

describe('planned starts', () => {
  it('are made in a later turn, each with an id of its own', () => {
    const { starts, made } = startsOf({ processes: 3, cores: 1, planned: 3 });
    expect([starts.planned, made]).toEqual([3, []]);
    turn();
    expect([starts.planned, made]).toEqual([0, upTo(3)]);
  });

  it('are made at once for the first two workers, and no more, when that is asked for', () => {
    const { starts, made } = startsOf({ processes: 3, cores: 1, planned: 3 });
    starts.makeFirst();
    expect([starts.planned, made]).toEqual([1, upTo(2)]);
    starts.makeFirst();
    expect(made).toEqual(upTo(2));
  });

  it('are none when they are forgotten before that turn', () => {
    const { starts, made } = startsOf({ processes: 3, cores: 1, planned: 3 });
    starts.forget();
    turn();
    expect([starts.planned, made]).toEqual([0, []]);
  });

  it.each([
    [1, 8],
    [10, 10],
  ])('of the first workers, with %d cores, are made %d at a time', (cores, atOnce) => {
    const { made, load } = startsOf({ processes: 20, cores, planned: 20 });
    turn();
    expect(made).toEqual(upTo(atOnce));
    load();
    expect(made).toEqual(upTo(Math.min(20, 2 * atOnce)));
  });

  it.each([
    [4, 0, 4],
    [4, 3, 1],
    [4, 4, 1],
    [2, 4, 1],
  ])('of replacements, with %d cores and %d workers at work, are made %d at a time', (cores, working, atOnce) => {
    const { starts, made, load } = startsOf({ processes: 4, cores, planned: 4, working });
    turn();
    load();
    for (let n = 0; n < 4; n++) starts.plan();
    turn();
    expect(made).toEqual(upTo(4 + atOnce));
  });
});
