import type { Comparison, Failures, Measurement } from './comparison.js';
import { atOnce } from './contender.js';
import { percent } from './figures.js';

type Evidence = Pick<Comparison, 'oneAtATime' | 'contenders'>;

/** Share of the tasks that failed, 0 to 1. */
export function failureShare({ failed, of }: Failures): number {
  return of === 0 ? 0 : failed / of;
}

/**
 * The contenders in which more of the tasks failed than where fewer ran at once, and by more than chance, with what failed
 * there. Such a pool is not faster: what answers so many at once may be refusing the rest. Fewer at once ran one at a time, but
 * a task that takes a second is run a few times only so; those in the smaller pools count with them.
 */
export function failing({ contenders, oneAtATime }: Evidence): ReadonlyMap<Measurement, Failures> {
  const found = new Map<Measurement, Failures>();
  for (const each of contenders.toSorted((a, b) => atOnce(a) - atOnce(b))) {
    const smaller = contenders.filter((other) => atOnce(other) < atOnce(each) && !found.has(other));
    const fewer = together([oneAtATime, ...smaller]);
    if (isMore(each.failures, fewer)) found.set(each, fewer);
  }
  return found;
}

function together(all: readonly Pick<Measurement, 'failures'>[]): Failures {
  return {
    failed: all.reduce((sum, { failures }) => sum + failures.failed, 0),
    of: all.reduce((sum, { failures }) => sum + failures.of, 0),
    first: undefined,
  };
}

/** Standard errors of the difference between two shares. What lies within them may be chance. */
const BY_CHANCE = 2;

/**
 * Chance, since a faster pool comes further in the items, to such as always fail; and a service fails now and then, whoever
 * asks.
 */
function isMore(failures: Failures, fewer: Failures): boolean {
  if (failures.of === 0 || fewer.of === 0) return false;
  const share = failureShare(together([{ failures }, { failures: fewer }]));
  const error = Math.sqrt(share * (1 - share) * (1 / failures.of + 1 / fewer.of));
  return failureShare(failures) - failureShare(fewer) > BY_CHANCE * error;
}

/** `69 % of its tasks failed, and none one at a time`. */
export function failuresAgainst(failures: Failures, fewer: Failures, alone: Failures): string {
  const where = fewer.failed === 0 || fewer.of === alone.of ? 'one at a time' : 'with fewer at once';
  return `${shareText(failures)} of its tasks failed, and ${shareText(fewer)} ${where}`;
}

/** What is not nothing does not look like it. */
export function shareText(failures: Failures): string {
  const share = failureShare(failures);
  if (share === 0) return 'none';
  return share < 0.01 ? 'less than 1 %' : percent(share);
}
