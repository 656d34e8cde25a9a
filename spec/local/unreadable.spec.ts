import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeJob, single } from '../fixtures/fake-job.js';
import { first, heal, readyRigOf, second, warmUp } from '../fixtures/fake-rig.js';
import { range } from '../helpers.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a command that a worker cannot read', () => {
  it('has its tasks run each alone, until it is known which is to blame', () => {
    const rig = readyRigOf();
    warmUp(rig);
    const job = new FakeJob(range(2), { chunksize: 2 });
    rig.executor.submit(job);
    first(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    heal(rig);
    second(rig).work(1);
    const other = single('other');
    rig.executor.submit(other);
    expect(second(rig).waiting.map(({ item }) => item)).toEqual([1]);
    second(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    heal(rig);
    for (const worker of rig.transport.living) worker.work();
    expect(job.results).toEqual([0, expect.objectContaining({ code: 'ERR_SERIALIZATION' })]);
    expect(other.results).toEqual(['other']);
  });
});

describe('a command that a worker cannot read, behind another', () => {
  it('keeps no task of that one from running, though its arguments have moved, and is itself told to be lost where its own have', () => {
    const rig = readyRigOf({ concurrency: 2 });
    const [before, unread] = [single('before'), single('lost')];
    for (const job of [before, unread]) rig.executor.submit(job);
    first(rig).moved = 2;
    first(rig).say({ type: 'garbled', error: { value: new Error('too deep') }, last: 1 });
    expect([before.results, unread.results]).toEqual([
      [undefined],
      [expect.objectContaining({ code: 'ERR_SERIALIZATION' })],
    ]);
    first(rig).begin();
    first(rig).answer();
    expect([before.results, first(rig).asked]).toEqual([['before'], true]);
  });
});
