import { describe, expect, it } from '@jest/globals';
import type { Chunk } from '#lib/executor.js';
import { Flights } from '#lib/local/flights.js';
import { FakeJob } from '../fixtures/fake-job.js';
import { range } from '../helpers.js';

function chunkOf(tasks: number, job = new FakeJob(range(tasks))): Chunk {
  return job.take(tasks) as Chunk;
}

/** Flights of so many tasks each. */
function flightsOf(...sizes: number[]): Flights {
  const flights = new Flights();
  flights.add(
    flights.prepared(
      sizes.map((size) => chunkOf(size)),
      0,
    ),
    false,
  );
  return flights;
}

const places = (flights: Flights): [first: number, done: number, size: number][] =>
  [...flights].map(({ first, done, size }) => [first, done, size]);

describe('flights', () => {
  it('have numbers that follow one another, and count as given when they are added', () => {
    const flights = flightsOf(3, 2);
    const prepared = flights.prepared([chunkOf(4)], 0);
    expect([prepared[0]?.first, flights.lastNumber, flights.size]).toEqual([6, 5, 2]);
    expect([flights.add(prepared, false), flights.lastNumber]).toEqual([4, 9]);
    expect(places(flights)).toEqual([
      [1, 0, 3],
      [4, 0, 2],
      [6, 0, 4],
    ]);
  });

  it('are answered from the front, several by one run of outcomes, and gone when all of theirs are', () => {
    const flights = flightsOf(3, 2, 2);
    expect(flights.answered(1, 4).map(({ start, count, at }) => [start, count, at])).toEqual([
      [0, 3, 0],
      [0, 1, 3],
    ]);
    expect(flights.answered(1, 4)).toEqual([]);
    expect([flights.next?.first, flights.of(4), flights.of(5)?.first, flights.of(6)?.first]).toEqual([
      4,
      undefined,
      4,
      6,
    ]);
    flights.answered(5, 3);
    expect([flights.size, flights.next]).toEqual([0, undefined]);
  });

  it('lose what has not begun, which keeps its index', () => {
    const flights = flightsOf(3, 2, 2);
    const { chunks, tasks } = flights.notBegun(2, 6);
    expect([chunks.map(({ index, items }) => [index, [...items]]), tasks]).toEqual([
      [
        [2, [2]],
        [0, [0, 1]],
      ],
      3,
    ]);
    expect(places(flights)).toEqual([
      [6, 0, 2],
      [1, 0, 2],
    ]);
  });

  it('let nothing be added while one that is alone, or whose caller has gone, is unanswered', () => {
    const flights = flightsOf(1);
    flights.add(flights.prepared([chunkOf(1)], 0), true);
    expect(flights.blocked).toBe(true);
    flights.answered(2, 1);
    expect(flights.blocked).toBe(false);
    const [first] = flights;
    if (first !== undefined) flights.abandon(first);
    expect([flights.blocked, flights.notBegun(0, Infinity).chunks, flights.blocked]).toEqual([true, [], false]);
  });

  it('of a stopped task are parted from what is behind it', () => {
    const job = new FakeJob(range(4));
    const flights = new Flights();
    flights.add(flights.prepared([chunkOf(4, job)], 0), false);
    flights.answered(1, 1);
    const flight = flights.of(2);
    if (flight !== undefined) flights.separate(flight);
    expect(places(flights).toSorted(([a], [b]) => a - b)).toEqual([
      [1, 1, 2],
      [3, 0, 2],
    ]);
    expect([flights.has(job), flights.has(new FakeJob([]))]).toEqual([true, false]);
  });

  it('that are given up leave the tasks whose callers wait, one by one, and cancel their limits', () => {
    const flights = flightsOf(3, 2);
    let disarmed = 0;
    for (const flight of flights) flight.disarm = () => void disarmed++;
    flights.answered(1, 1);
    const [, second] = [...flights].toSorted((a, b) => a.first - b.first);
    if (second !== undefined) flights.abandon(second);
    disarmed = 0;
    expect(flights.takeAll(undefined).map(({ task: { index, items } }) => [index, items.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect([disarmed, flights.size]).toEqual([2, 0]);
  });

  it('that are given up share the blame with those that nobody waits for, but for one that is named', () => {
    const flights = flightsOf(2, 2);
    const [, second] = [...flights].toSorted((a, b) => a.first - b.first);
    if (second !== undefined) flights.abandon(second);
    expect(flights.takeAll(2).map(({ suspects }) => suspects)).toEqual([4, 1]);
  });
});
