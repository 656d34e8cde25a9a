import type { Answers } from './rounds.js';
import type { Verdict } from './verdict.js';

export async function plotsOf(
  _answers: readonly Answers[],
  _verdicts: readonly Verdict[],
): Promise<Record<string, string>> {
  return {};
}
