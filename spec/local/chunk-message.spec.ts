import { describe, expect, it } from '@jest/globals';
import assert from 'node:assert';
import { transfer } from 'forkpool';
import type { Call, Chunk } from '#lib/executor.js';
import { chunkMessage } from '#lib/local/chunk-message.js';
import { FakeJob } from '../fixtures/fake-job.js';

const told = (items: readonly unknown[], call: Partial<Call>) =>
  chunkMessage(new FakeJob(items, call).take(items.length) as Chunk, 5, 2);
const calls: Partial<Call> = { single: true, spread: true };

describe('what a worker is told of calls', () => {
  it('is the argument of each, where each has one', () => {
    expect(told([[1], [undefined], [[2, 3]]], calls)).toMatchObject({ spread: false, items: [1, undefined, [2, 3]] });
  });

  it('is all arguments, where any has more or none', () => {
    expect(told([[1], [2, 3]], calls)).toMatchObject({ spread: true, items: [[1], [2, 3]] });
    expect(told([[1], []], calls)).toMatchObject({ spread: true, items: [[1], []] });
  });

  it('is all arguments, where the list of any was said to move', () => {
    const bytes = new Uint8Array(1);
    expect(told([[1], transfer([bytes], [bytes.buffer])], calls)).toMatchObject({ spread: true });
  });

  it('is all arguments, where a list throws when it is looked at: that is told when it is sent', () => {
    const throwing = Object.defineProperty([1], 0, { get: () => assert.fail('not now') });
    expect(told([throwing], calls)).toMatchObject({ spread: true });
  });

  it('has no index, since each is a job of its own', () => {
    expect(told([[1]], calls)).toMatchObject({ first: 5, functionId: 2, index: undefined });
  });
});

describe('what a worker is told of a map', () => {
  it('is its items, which may be lists', () => {
    expect(told([[1], [2]], { spread: false })).toMatchObject({ index: 0, spread: false, items: [[1], [2]] });
  });

  it('is, where each item is a list of arguments, the same as of calls', () => {
    expect(told([[1], [2]], { spread: true })).toMatchObject({ index: 0, spread: false, items: [1, 2] });
  });

  it.each<[string, Partial<Call>]>([
    ['has a time limit', { timeout: 1000 }],
    ['may run again', { retries: 1 }],
    ['can be aborted', { abortable: true }],
    ['is a chunk by itself', { chunksize: 1 }],
  ])('is that each is marked by itself where it %s', (_, call) => {
    expect([told([1], {}).exact, told([1], call).exact]).toEqual([false, true]);
  });
});
