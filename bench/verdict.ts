import { best, ourRow, oursFor, ratio, spreadOf } from './comparing.js';
import type { Contender } from './contenders/contender.js';
import { NO_POOL, type Goal, type Rival } from './question.js';
import type { Answers, Row } from './rounds.js';
import type { Spread } from './statistics.js';

/** What became of a goal. */
export interface Verdict {
  readonly goal: Goal;
  readonly answers: Answers;
  /** Our own figure. */
  readonly figure: Spread | undefined;
  /** Whom it was compared with in the end: of a kind, the best; ourselves, where it was in another variant. */
  readonly rival: Contender | undefined;
  /** How many times the rival's figure ours is; the figure itself, where the goal has no rival. */
  readonly reached: Spread | undefined;
  /** The same of the contender that is no pool, where it was asked. */
  readonly withNoPool: Spread | undefined;
  /** `open`: somebody needed for it has not answered. */
  readonly is: 'met' | 'missed' | 'open';
}

/** Of every goal of some answers, in their order. */
export function verdicts(answers: readonly Answers[]): Verdict[] {
  return answers.flatMap((each) => each.variant.goals.map((goal) => judged(goal, each, answers)));
}

function judged(goal: Goal, answers: Answers, all: readonly Answers[]): Verdict {
  const { column, against } = goal;
  const rival = against && rivalIn(goal, against, answers, all);
  const ours =
    rival && against && !('variant' in against)
      ? oursFor(rival, answers.contenders)
      : ourRow(answers.contenders, answers.question.of);
  const figure = spreadOf(column, ours);
  const reached = against ? ratio(column, ours, rival) : figure;
  const bare = answers.contenders.find(({ contender }) => contender.name === NO_POOL);
  const withNoPool = against ? ratio(column, bare, rival) : spreadOf(column, bare);
  return { goal, answers, figure, rival: rival?.contender, reached, withNoPool, is: verdictOn(goal, reached) };
}

function rivalIn({ column }: Goal, against: Rival, answers: Answers, all: readonly Answers[]): Row | undefined {
  const { contenders, question } = answers;
  if ('variant' in against) {
    const other = all.find((each) => each.question === question && each.variant.name === against.variant);
    return other && ourRow(other.contenders, question.of);
  }
  return best(
    column,
    contenders.filter(({ contender: { kind, name } }) =>
      'kind' in against ? kind === against.kind : name === against.name,
    ),
  );
}

/** By the median: a range that reaches over the bound says how sure that is. */
function verdictOn({ bound }: Goal, reached: Spread | undefined): Verdict['is'] {
  if (!reached) return 'open';
  const met = 'atLeast' in bound ? reached.median >= bound.atLeast : reached.median <= bound.atMost;
  return met ? 'met' : 'missed';
}
