import type { Failures, Measurement, OneAtATime } from './comparison.js';
import { percent } from './figures.js';

/** Share of the tasks that failed, 0 to 1. */
export function failureShare({ failed, of }: Failures): number {
  return of === 0 ? 0 : failed / of;
}

/** Standard errors of the difference between two shares. What lies within them may be chance. */
const BY_CHANCE = 2;

/**
 * Whether more of a pool's tasks failed than one at a time, and by more than chance. Such a pool is not faster: what answers
 * so many at once may be refusing the rest. Chance, since a faster pool comes further in the items, to such as always fail;
 * and a service fails now and then, whoever asks.
 */
export function failsMore({ failures }: Pick<Measurement, 'failures'>, alone: Pick<OneAtATime, 'failures'>): boolean {
  if (failures.of === 0 || alone.failures.of === 0) return false;
  const together = failureShare({
    failed: failures.failed + alone.failures.failed,
    of: failures.of + alone.failures.of,
    first: undefined,
  });
  const error = Math.sqrt(together * (1 - together) * (1 / failures.of + 1 / alone.failures.of));
  return failureShare(failures) - failureShare(alone.failures) > BY_CHANCE * error;
}

/** `69 % of its tasks failed, and none one at a time`. */
export function failuresAgainst(
  { failures }: Pick<Measurement, 'failures'>,
  alone: Pick<OneAtATime, 'failures'>,
): string {
  const { failed } = alone.failures;
  const others = failed === 0 ? 'none' : shareText(failureShare(alone.failures));
  return `${shareText(failureShare(failures))} of its tasks failed, and ${others} one at a time`;
}

/** What is not nothing does not look like it. */
function shareText(share: number): string {
  return share < 0.01 ? 'less than 1 %' : percent(share);
}
