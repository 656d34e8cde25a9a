import { describe, expect, it } from '@jest/globals';
import { isIn, shardOf } from '#lib/cli/map/shard.js';
import { range, thrown } from '../../helpers.js';

/** As of `--array=0-15:2`, of which the last is 14; or of eight numbers in a list. */
const SLURM = { SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '8' };

describe('a shard', () => {
  it('is a fixed part: all of them together have every item once', () => {
    const parts = [1, 2, 3].map((number) => range(10).filter((index) => isIn({ number, of: 3 }, index)));
    expect(parts).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7],
      [2, 5, 8],
    ]);
  });

  it.each([
    ['its own text', '2/8', {}, 2],
    ['JOB_COMPLETION_INDEX, which counts from 0', '/8', { JOB_COMPLETION_INDEX: '0' }, 1],
    ['the Slurm task, less the first of its array', '/8', { SLURM_ARRAY_TASK_ID: '17', SLURM_ARRAY_TASK_MIN: '10' }, 8],
    [
      'the Slurm task, at the step of its array',
      '/8',
      { ...SLURM, SLURM_ARRAY_TASK_ID: '6', SLURM_ARRAY_TASK_MAX: '14', SLURM_ARRAY_TASK_STEP: '2' },
      4,
    ],
    ['its own text, whatever the job is', '3/8', { JOB_COMPLETION_INDEX: '0' }, 3],
  ])('takes its number from %s', (_title, text, env, number) => {
    expect(shardOf(text, env)).toEqual({ number, of: 8 });
  });

  it.each([
    ['0/8', {}, 'no shard 0 of 8: they are counted from 1'],
    ['9/8', {}, 'no shard 9 of 8'],
    ['/8', { JOB_COMPLETION_INDEX: '8' }, 'no shard 9 of 8'],
    ['/8', {}, 'JOB_COMPLETION_INDEX'],
    ['/8', { SLURM_ARRAY_TASK_ID: '3' }, 'SLURM_ARRAY_TASK_MIN'],
    ['/8', { JOB_COMPLETION_INDEX: 'x' }, 'Expected JOB_COMPLETION_INDEX to be a whole number'],
    [
      '/8',
      { ...SLURM, SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MAX: '21', SLURM_ARRAY_TASK_STEP: '1' },
      'Which shard Slurm task 7 is cannot be told',
    ],
    ['2of8', {}, 'Expected a shard such as 2/8'],
    ['1/99999999999999999999', {}, 'expected 9007199254740991 at most'],
    ['1/0', {}, 'no shard 1 of 0'],
  ])('is refused as %s with %j', (text, env, message) => {
    expect((thrown(() => shardOf(text, env)) as Error).message).toContain(message);
  });
});
