import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { renderTable, type Comparison, type Measurement } from 'forkpool/bench';

const comparison = JSON.parse(
  readFileSync(new URL('../fixtures/comparison.json', import.meta.url), 'utf8'),
) as Comparison;
const [first, ...rest] = comparison.contenders as [Measurement, ...Measurement[]];
const rendered = (contender: Measurement): string => renderTable({ ...comparison, contenders: [contender, ...rest] });
const broken = 'PoolError: It was not done within 30000 ms';

describe('the table of a comparison', () => {
  it('keeps the figures of a pool that broke after some turns, and says that it did', () => {
    const lines = rendered({ ...first, broken }).split('\n');
    expect(lines.filter((line) => line.startsWith(first.name))).toEqual([
      ...rendered(first)
        .split('\n')
        .filter((line) => line.startsWith(first.name)),
      `${first.name} could not run again: ${broken}`,
    ]);
  });

  it('has no figures of a pool that never ran', () => {
    const failures = { failed: 0, of: 0, first: undefined };
    const nothing = { ...first, broken, failures, runTime: { ...first.runTime, count: 0 } };
    const lines = rendered(nothing).split('\n');
    expect(lines.filter((line) => line.startsWith(first.name))).toEqual([
      first.name,
      `${first.name} could not run: ${broken}`,
    ]);
  });
});
