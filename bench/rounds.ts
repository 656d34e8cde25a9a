import { attempt, type Asked, type Outcome, type Settings } from './attempt.js';
import type { Contender } from './contenders/contender.js';
import type { Question } from './question.js';

/** What each contender answered, a round an element. A contender that gave up is shorter by the rounds it sat out. */
export interface Answers extends Asked {
  readonly contenders: readonly Row[];
  /** The date of its run, if several are shown together. */
  readonly date?: string;
}

export interface Row {
  readonly contender: Contender;
  readonly outcomes: readonly Outcome[];
}

/** After this many rounds without an answer, a contender sits out the rest: a hang costs the whole bound each time. */
const PATIENCE = 2;

/**
 * Asks A B C, A B C, …: other load on the machine then strikes all alike, and a ratio is taken between neighbours in time.
 * Returns the answers to each variant of the question.
 */
export async function interleaved(
  question: Question,
  contenders: readonly Contender[],
  rounds: number,
  settings: Settings,
  onTurn: (round: number, turn: Asked & { readonly contender: Contender }) => void,
): Promise<Answers[]> {
  const answers = question.variants.map((variant) => ({
    question,
    variant,
    contenders: contenders
      .filter((contender) => canAnswer(contender, { question, variant }))
      .map((contender) => ({ contender, outcomes: [] as Outcome[] })),
  }));
  for (let round = 1; round <= rounds * (question.turns ?? 1); round++) {
    for (const { contenders: rows, ...asked } of answers) {
      for (const { contender, outcomes } of rows.filter((row) => !hasGivenUp(row.outcomes))) {
        onTurn(round, { ...asked, contender });
        outcomes.push(await attempt(asked, contender, settings));
      }
    }
  }
  return answers;
}

function canAnswer(contender: Contender, { question, variant }: Asked): boolean {
  const allowed = contender.questions?.includes(question.name) ?? true;
  return allowed && (variant.asks?.(contender) ?? true);
}

function hasGivenUp(outcomes: readonly Outcome[]): boolean {
  return outcomes.length >= PATIENCE && outcomes.every(({ is }) => is !== 'answered');
}
