import { describe, expect, it } from '@jest/globals';
import type { Chunk, Job } from '#lib/executor.js';
import { MapTurn, Round, Singles, type Turn } from '#lib/local/queue/turns.js';
import { FakeJob, single } from '../../fixtures/fake-job.js';
import { range } from '../../helpers.js';

const one = (): number => 1;
const all = (): number => Infinity;

describe('a round', () => {
  /** A round of the turns a, b and c, and what is in it. */
  function abc(): { round: Round; turns: Record<'a' | 'b' | 'c', Turn>; names: () => string } {
    const round = new Round();
    const turns = { a: new Singles(), b: new Singles(), c: new Singles() };
    for (const turn of Object.values(turns)) round.add(turn);
    const names = (): string =>
      [...round].map((turn) => Object.entries(turns).find(([, other]) => other === turn)?.[0]).join('');
    return { round, turns, names };
  }

  it('is empty at first', () => {
    const round = new Round();
    expect([round.first, round.size, [...round], round.has(new Singles())]).toEqual([undefined, 0, [], false]);
  });

  it('has its turns in the order in which they came', () => {
    const { round, turns, names } = abc();
    expect([names(), round.size]).toEqual(['abc', 3]);
    expect(round.first).toBe(turns.a);
  });

  it('takes no turn twice', () => {
    const { round, turns, names } = abc();
    expect(Object.values(turns).map((turn) => round.add(turn))).toEqual([false, false, false]);
    expect([names(), round.size]).toEqual(['abc', 3]);
  });

  it.each<['a' | 'b' | 'c', string]>([
    ['a', 'bc'],
    ['b', 'ac'],
    ['c', 'ab'],
  ])('without %s has %s, and that one last when it comes again', (name, left) => {
    const { round, turns, names } = abc();
    round.delete(turns[name]);
    expect([names(), round.size, round.has(turns[name])]).toEqual([left, 2, false]);
    expect(round.add(turns[name])).toBe(true);
    expect([names(), round.size]).toEqual([left + name, 3]);
  });

  it('is as it was when what is deleted was not there', () => {
    const { round, names } = abc();
    round.delete(new Singles());
    expect([names(), round.size]).toEqual(['abc', 3]);
  });

  it('is empty again when all have gone', () => {
    const { round, turns } = abc();
    for (const turn of Object.values(turns)) round.delete(turn);
    expect([round.first, round.size, [...round]]).toEqual([undefined, 0, []]);
  });
});

/** A turn of three tasks of each kind: the items of a single call are a list of arguments. */
const kinds: [string, () => Turn][] = [
  ['a map', () => new MapTurn(new FakeJob([[0], [1], [2]]))],
  ['single calls', () => singles(3).turn],
];

/** So many single calls with the same `Call`. */
function singles(count: number): { turn: Singles; jobs: FakeJob[] } {
  const { call } = single(0);
  const jobs = range(count).map((n) => Object.assign(single(n), { call }));
  const turn = new Singles();
  for (const job of jobs) turn.add(job);
  return { turn, jobs };
}

describe.each(kinds)('a turn of %s', (_, turnOf) => {
  it('gives its tasks in order, as many as it is asked for', () => {
    const turn = turnOf();
    expect(turn.waiting).toBe(3);
    expect(turn.take(() => 2)?.items).toEqual([[0], [1]]);
    expect(turn.waiting).toBe(1);
    expect(turn.take(all)?.items).toEqual([[2]]);
    expect([turn.waiting, turn.take(all)]).toEqual([0, undefined]);
  });

  it('asks how many of how many, and of ones that were given back, whether they were', () => {
    const turn = turnOf();
    const asked: [number, boolean][] = [];
    const ask = (_job: Job, waiting: number, isBack: boolean): number => (asked.push([waiting, isBack]), 2);
    turn.giveBack(turn.take(ask) as Chunk);
    turn.take(ask);
    turn.take(ask);
    expect(asked).toEqual([
      [3, false],
      [2, true],
      [1, false],
    ]);
  });

  it('gives what was given back before all else, in pieces of the size that is asked for', () => {
    const turn = turnOf();
    turn.giveBack(turn.take(() => 2) as Chunk);
    expect([turn.returned, turn.waiting]).toEqual([2, 3]);
    expect(range(3).map(() => turn.take(one)?.items)).toEqual([[[0]], [[1]], [[2]]]);
    expect([turn.returned, turn.waiting]).toEqual([0, 0]);
  });

  it('gives a task though it is asked for none', () => {
    const turn = turnOf();
    turn.giveBack(turn.take(all) as Chunk);
    expect(turn.take(() => 0)?.items).toEqual([[0]]);
  });

  it('forgets what was given back of a job, and returns it', () => {
    const turn = turnOf();
    const chunk = turn.take(one) as Chunk;
    turn.giveBack(chunk);
    expect(turn.forget(chunk.job)).toEqual([chunk]);
    expect(turn.returned).toBe(0);
  });
});

describe('a turn of single calls', () => {
  it('lets those travel together that have the same Call, up to the first that has another', () => {
    const { turn } = singles(2);
    turn.add(single('other'));
    expect(turn.take(all)?.items).toEqual([[0], [1]]);
    expect(turn.take(all)?.items).toEqual([['other']]);
  });

  it('passes over those that have ended', () => {
    const { turn, jobs } = singles(3);
    (jobs[0] as FakeJob).open = false;
    expect(turn.take(one)?.items).toEqual([[1]]);
  });

  it('keeps what was given back of other calls when one is forgotten', () => {
    const turn = new Singles();
    const jobs = range(2).map((n) => single(n));
    for (const job of jobs) turn.add(job);
    for (const chunk of jobs.map(() => turn.take(one) as Chunk)) turn.giveBack(chunk);
    turn.forget(jobs[0] as FakeJob);
    expect(turn.take(one)?.items).toEqual([[1]]);
  });

  it('keeps less than twice as many as wait when their callers give up', () => {
    const { turn, jobs } = singles(1000);
    for (const job of jobs.slice(0, 900)) {
      job.open = false;
      turn.forget(job);
      expect(turn.waiting).toBeLessThanOrEqual(2 * jobs.filter(({ open }) => open).length + 1);
    }
    expect(turn.take(one)?.items).toEqual([[900]]);
  });

  it('gives thousands in order, whatever was dropped of its list meanwhile', () => {
    const { turn } = singles(5000);
    const given = range(5000).map(() => turn.take(one)?.items[0]);
    expect(given).toEqual(range(5000).map((n) => [n]));
  });
});
