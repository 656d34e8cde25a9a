import { best, ourRow, oursFor, ratio, spreadOf } from './comparing.js';
import type { Contender } from './contenders/contender.js';
import type { Goal, Rival } from './question.js';
import type { Answers, Row } from './rounds.js';
import type { Spread } from './statistics.js';

/** What became of a goal. */
export interface Verdict {
  readonly goal: Goal;
  readonly answers: Answers;
  /** Our own figure. */
  readonly figure: Spread | undefined;
  /** Whom it was compared with in the end: the best of a kind; ourselves, if it was in another variant. */
  readonly rival: Contender | undefined;
  /** How many times the rival's figure ours is; the figure itself, if the goal has no rival. */
  readonly reached: Spread | undefined;
  /** The same of the contender that is no pool, if it was asked. */
  readonly withNoPool: Spread | undefined;
  /** `open`: somebody needed for it has not answered. */
  readonly is: 'met' | 'missed' | 'open';
}

/** The verdict on every goal of some answers, in their order. */
export function verdicts(answers: readonly Answers[]): Verdict[] {
  return answers.flatMap((each) => each.variant.goals.map((goal) => judged(goal, each, answers)));
}

function judged(goal: Goal, answers: Answers, all: readonly Answers[]): Verdict {
  const { column, against } = goal;
  const { contenders, question } = answers;
  const otherVariant = against && 'variant' in against ? inVariant(against.variant, answers, all) : undefined;
  const rival =
    against && ('variant' in against ? ourRow(otherVariant ?? [], question.of) : rivalIn(goal, against, contenders));
  const ours = rival && otherVariant === undefined ? oursFor(rival, contenders) : ourRow(contenders, question.of);
  const figure = spreadOf(column, ours);
  const reached = against ? ratio(column, ours, rival) : figure;
  const bare = noPoolIn(contenders);
  const bareRival = otherVariant === undefined ? rival : noPoolIn(otherVariant);
  const withNoPool = against ? ratio(column, bare, bareRival) : spreadOf(column, bare);
  return { goal, answers, figure, rival: rival?.contender, reached, withNoPool, is: verdictOn(goal, reached) };
}

function noPoolIn(rows: readonly Row[]): Row | undefined {
  return rows.find(({ contender }) => contender.noPool === true);
}

/** The rows of the same run: a ratio is taken inside a round, and rounds of different runs have nothing in common. */
function inVariant(name: string, { question, date }: Answers, all: readonly Answers[]): readonly Row[] | undefined {
  return all.find((each) => each.question === question && each.variant.name === name && each.date === date)?.contenders;
}

function rivalIn(
  { column }: Goal,
  against: Exclude<Rival, { readonly variant: string }>,
  contenders: readonly Row[],
): Row | undefined {
  return best(
    column,
    contenders.filter(({ contender: { kind, name } }) =>
      'kind' in against ? kind === against.kind : name === against.name,
    ),
  );
}

/** Whether a goal that we miss is missed by what is no pool as well, whether by more or by less. */
export function noPoolMisses({ goal, is, withNoPool }: Verdict): boolean {
  return is === 'missed' && verdictOn(goal, withNoPool) === 'missed';
}

/** Judges by the median: a range that reaches over the bound says how sure that is. */
function verdictOn({ bound }: Goal, reached: Spread | undefined): Verdict['is'] {
  if (!reached) return 'open';
  const met = 'atLeast' in bound ? reached.median >= bound.atLeast : reached.median <= bound.atMost;
  return met ? 'met' : 'missed';
}
