import { describe, expect, it } from '@jest/globals';
import { isReport } from '#lib/wire/is-report.js';

const error = { value: new Error('thrown') };
const run = { first: 1, values: [1], errors: [], ms: 1 };

describe('what a worker sent', () => {
  it.each([
    { type: 'online' },
    { type: 'initialised' },
    { type: 'failed', error },
    { type: 'started', task: 1 },
    { type: 'settled', runs: [] },
    {
      type: 'settled',
      runs: [run, { ...run, values: new Float64Array(2) }, { ...run, errors: [[0, error]] }],
      memory: 1,
    },
    { type: 'reported', task: 1, value: undefined },
    { type: 'declined', from: 1, to: 2 },
    { type: 'dying', task: undefined },
    { type: 'dying', task: 1, error },
    { type: 'garbled', error, last: 0 },
    { type: 'unsound' },
    { type: 'unsound', error },
  ])('is a report: %j', (report) => {
    expect(isReport(report)).toBe(true);
  });

  it.each([
    [undefined],
    [null],
    [5],
    ['online'],
    [{}],
    [[]],
    [{ type: 'nonsense' }],
    [{ type: 'run' }],
    [{ type: 'failed' }],
    [{ type: 'started' }],
    [{ type: 'settled' }],
    [{ type: 'settled', runs: 1 }],
    [{ type: 'settled', runs: [null] }],
    [{ type: 'settled', runs: [{ ...run, first: '1' }] }],
    [{ type: 'settled', runs: [{ ...run, values: 1 }] }],
    [{ type: 'settled', runs: [{ ...run, errors: undefined }] }],
    [{ type: 'settled', runs: [{ ...run, errors: [[0]] }] }],
    [{ type: 'settled', runs: [{ ...run, ms: undefined }] }],
    [{ type: 'reported' }],
    [{ type: 'declined', from: 1 }],
    [{ type: 'dying', task: '1' }],
    [{ type: 'garbled', error }],
    [{ type: 'unsound', error: 1 }],
  ])('is none: %j', (message) => {
    expect(isReport(message)).toBe(false);
  });
});
