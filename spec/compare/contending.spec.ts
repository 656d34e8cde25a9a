import { describe, expect, it } from '@jest/globals';
import { Contending } from '#lib/compare/contending.js';
import { square } from '../fixtures/workloads.js';

const work = { fn: square as (x: unknown) => unknown, items: [1, 2], atMost: 2, changesItems: false };
const steps = { contenders: [], rounds: 1, turnMs: 10, warmMs: 0, notes: [] };
const nothingFailed = () => ({ failed: 0, of: 2, first: undefined });

describe('Contending', () => {
  it('has no speed-up in a round in which no task succeeded one at a time', async () => {
    const contending = new Contending({ pool: 'async', processes: 1, concurrency: 1 }, 2);
    await contending.turn(work, steps, { limitMs: 10_000 }, { measured: 0, undisturbed: 0 });
    expect(contending.measurement(nothingFailed)).toMatchObject({ speedup: 0, speedups: [], undisturbed: 0 });
    await contending.turn(work, steps, { limitMs: 10_000 }, { measured: 10, undisturbed: 10 });
    const { speedup, speedups, throughput } = contending.measurement(nothingFailed);
    expect(speedups).toEqual([speedup]);
    expect(throughput).toBeGreaterThan(0);
    expect(speedup).toBeGreaterThan(0);
  });
});
