import type { Comparison, Failures, Measurement } from './comparison.js';
import { atOnce } from './contender.js';
import { percent } from './figures.js';

type Evidence = Pick<Comparison, 'oneAtATime' | 'contenders'>;

/** Share of the tasks that failed, 0 to 1. */
export function failureShare({ failed, of }: Failures): number {
  return of === 0 ? 0 : failed / of;
}

/**
 * The contenders in which more tasks failed, beyond chance, than in those that ran fewer at once, with the failures of these.
 * Such a pool is not faster: what answers so many at once may be refusing the rest. The baseline runs fewest at once, but a task
 * that takes a second only a few times; so those in smaller pools count too.
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

/** In standard errors of the difference between two shares: a smaller difference may be chance. */
const BY_CHANCE = 2;

/**
 * Allows for chance: a faster pool gets further in the items, to some that always fail, and a service fails now and then anyway.
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

/** Never shows a share above 0 as none. */
export function shareText(failures: Failures): string {
  const share = failureShare(failures);
  if (share === 0) return 'none';
  return share < 0.01 ? 'less than 1 %' : percent(share);
}
