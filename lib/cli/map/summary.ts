import type { TaskTime } from './task-times.js';
import { count, items, rate, time } from './words.js';

/** What to say of a run at its end. Times are in ms. */
export interface Summary {
  /** Items of this run that have an outcome, those that failed included. */
  readonly done: number;
  readonly failed: number;
  /** Items whose workers were ended with the run. */
  readonly notDone: number;
  /** Items that earlier runs have done. */
  readonly before: number;
  readonly wall: number;
  readonly cpu: number | undefined;
  /** The sum of the times that tasks ran. */
  readonly running: number;
  readonly slowest: readonly TaskTime[];
  readonly firstFailure: string | undefined;
}

export function summaryText(summary: Summary): string {
  const { done, failed, notDone, before, wall, cpu, running, slowest, firstFailure } = summary;
  const earlier = before > 0 ? `, ${count(before)} were done before` : '';
  const missing = notDone > 0 ? `, ${count(notDone)} not done` : '';
  const lines = [
    `${items(done)} in ${time(wall)} (${rate((done * 1000) / wall)}), ${count(failed)} failed${missing}${earlier}`,
    `${cpu === undefined ? '' : `CPU time ${time(cpu)}; `}${(running / wall).toFixed(1)} items at once on average`,
    ...(slowest.length === 0 ? [] : [`slowest: ${slowest.map(({ place, ms }) => `${place} ${time(ms)}`).join(', ')}`]),
    ...(firstFailure === undefined ? [] : [`first failure: ${firstFailure}`]),
  ];
  return `${lines.join('\n')}\n`;
}
