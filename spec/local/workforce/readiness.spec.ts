import { describe, expect, it } from '@jest/globals';
import type { PoolWorker } from '#lib/local/pool-worker.js';
import { Readiness } from '#lib/local/workforce/readiness.js';

/** Workers that are told apart, and nothing else. */
const [a, b, c] = [{}, {}, {}] as [PoolWorker, PoolWorker, PoolWorker];

/** Someone who waits, and what has become of that once promises have settled. */
function waiterOf(readiness: Readiness, workers: PoolWorker[], needed: number): () => Promise<string> {
  let fate = 'waits';
  readiness.wait(workers, needed).then(
    () => (fate = 'ready'),
    (error: Error) => (fate = error.message),
  );
  return async () => {
    for (let n = 0; n < 5; n++) await Promise.resolve();
    return fate;
  };
}

describe('whoever waits for workers', () => {
  it.each([
    ['does not wait when as many as it needs are there', [a, b], 2, 'ready'],
    ['does not wait when it needs none', [], 0, 'ready'],
    ['waits while one is missing', [a], 2, 'waits'],
  ])('%s', async (_, workers, needed, fate) => {
    expect(await waiterOf(new Readiness(), workers, needed)()).toBe(fate);
  });

  it('waits until the last of them is initialised', async () => {
    const readiness = new Readiness();
    const fate = waiterOf(readiness, [], 2);
    readiness.initialised(a);
    expect(await fate()).toBe('waits');
    readiness.initialised(b);
    expect(await fate()).toBe('ready');
  });

  it('counts a worker once, however often it is told of it', async () => {
    const readiness = new Readiness();
    const fate = waiterOf(readiness, [a], 2);
    readiness.initialised(a);
    readiness.initialised(a);
    expect(await fate()).toBe('waits');
  });

  it('no longer counts a worker that was lost', async () => {
    const readiness = new Readiness();
    const fate = waiterOf(readiness, [a], 2);
    readiness.lost(a);
    readiness.initialised(b);
    expect(await fate()).toBe('waits');
    readiness.initialised(c);
    expect(await fate()).toBe('ready');
  });

  it('waits for no more when a worker is lost that it had not counted', async () => {
    const readiness = new Readiness();
    const fate = waiterOf(readiness, [a], 2);
    readiness.lost(c);
    readiness.initialised(b);
    expect(await fate()).toBe('ready');
  });

  it('waits for as many as it needs itself, whatever others need', async () => {
    const readiness = new Readiness();
    const [one, two] = [waiterOf(readiness, [], 1), waiterOf(readiness, [], 2)];
    readiness.initialised(a);
    expect([await one(), await two()]).toEqual(['ready', 'waits']);
    readiness.initialised(b);
    expect(await two()).toBe('ready');
  });

  it('is rejected when nobody will come, with an error of its own', async () => {
    const readiness = new Readiness();
    let errors = 0;
    const fates = [waiterOf(readiness, [], 1), waiterOf(readiness, [], 1)];
    readiness.giveUp(() => new Error(`closed ${++errors}`));
    readiness.initialised(a);
    expect([await fates[0]?.(), await fates[1]?.()]).toEqual(['closed 1', 'closed 2']);
  });
});
