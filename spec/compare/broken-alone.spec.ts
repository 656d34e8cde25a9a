import { describe, expect, it } from '@jest/globals';
import { InitializerError, PoolError } from 'forkpool';
import { explained } from '#lib/compare/broken-alone.js';
import { square } from '../fixtures/workloads.js';

const turn = { tookMs: 10, fn: square as (x: unknown) => unknown, items: [1], nameOf: String };

describe('one at a time that broke', () => {
  it('is named where it took too long', async () => {
    const error = new PoolError('It was not done within 30000 ms. Raise the time', 'ERR_COMPARE');
    expect(await explained({ ...turn, error }, { limitMs: 1000 })).toMatchObject({
      message: 'One at a time: It was not done within 30000 ms. Raise the time',
      code: 'ERR_COMPARE',
      cause: error,
    });
  });

  it('stays as it is where no worker could start', async () => {
    const error = new InitializerError('no', {});
    expect(await explained({ ...turn, error }, { limitMs: 1000 })).toBe(error);
  });
});
