import { attempt, type Outcome, type Settings } from './attempt.js';
import type { Contender } from './contenders/contender.js';
import type { Question } from './question.js';

/** What each contender answered, a round an element. A contender that gave up is shorter by the rounds it sat out. */
export interface Answers {
  readonly question: Question;
  readonly contenders: readonly { readonly contender: Contender; readonly outcomes: readonly Outcome[] }[];
}

/** After so many rounds without an answer, a contender sits out the rest: a hang costs the whole bound each time. */
const patience = 2;

/**
 * A B C, A B C, …: what else the machine does at some minute then strikes all alike, and a ratio is taken between
 * neighbours in time.
 */
export async function interleaved(
  question: Question,
  contenders: readonly Contender[],
  rounds: number,
  settings: Settings,
  onTurn: (round: number, contender: Contender) => void,
): Promise<Answers> {
  const answers = contenders
    .filter(({ questions }) => questions?.includes(question.name) ?? true)
    .map((contender) => ({ contender, outcomes: [] as Outcome[] }));
  for (let round = 1; round <= rounds; round++) {
    for (const { contender, outcomes } of answers) {
      if (hasGivenUp(outcomes)) continue;
      onTurn(round, contender);
      outcomes.push(await attempt(question, contender, settings));
    }
  }
  return { question, contenders: answers };
}

function hasGivenUp(outcomes: readonly Outcome[]): boolean {
  return outcomes.length >= patience && outcomes.every(({ is }) => is !== 'answered');
}
