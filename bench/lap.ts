import { setTimeout as sleep } from 'node:timers/promises';
import { cpuAfter, cpuBefore, cpuBetween } from './cpu.js';
import type { CpuTime } from './sample.js';

/** What a piece of work took: time on the wall, and CPU time of master and children. */
export interface Lap {
  readonly wallMs: number;
  readonly cpu: CpuTime;
}

/**
 * How long the CPU reading waits after the work. The kernel books a running thread's time at its next tick, and what a
 * pool has put off until after the answer (flushing, collecting) is its cost too.
 */
const SETTLE_MS = 25;

export async function timed<T>(
  work: () => Promise<T>,
  settledAfterMs = SETTLE_MS,
): Promise<Lap & { readonly value: T }> {
  const before = cpuBefore();
  const start = process.hrtime.bigint();
  const value = await work();
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  await sleep(settledAfterMs);
  return { value, wallMs, cpu: cpuBetween(before, cpuAfter()) };
}

/** Several laps as one. */
export function sum(laps: readonly Lap[]): Lap {
  return laps.reduce((all, { wallMs, cpu }) => ({
    wallMs: all.wallMs + wallMs,
    cpu: {
      masterUs: all.cpu.masterUs + cpu.masterUs,
      childrenUs: all.cpu.childrenUs === null || cpu.childrenUs === null ? null : all.cpu.childrenUs + cpu.childrenUs,
    },
  }));
}
