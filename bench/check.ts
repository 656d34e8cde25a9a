/** Throws for wrong answers: a contender that gives any has no figure. */
export function mustBe(
  answers: readonly unknown[],
  tasks: number,
  isRight: (answer: unknown, i: number) => boolean,
): void {
  if (answers.length !== tasks) throw new Error(`Expected ${tasks} answers, got ${answers.length}`);
  const wrong = answers.findIndex((answer, i) => !isRight(answer, i));
  if (wrong >= 0) throw new Error(`Got ${String(answers[wrong])} for task ${wrong}, which is wrong`);
}
