import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Outcome, Settings } from './attempt.js';
import { contenders } from './contenders.js';
import { questions } from './questions.js';
import type { Machine } from './machine.js';
import type { Answers, Row } from './rounds.js';

/** A run of the bench, raw: what is written, and what tables and plots are made of. */
export interface Report {
  readonly date: string;
  readonly machine: Machine & { readonly loadAtEnd: number };
  readonly settings: Settings & { readonly rounds: number };
  readonly answers: readonly ReportedAnswers[];
}

interface ReportedAnswers {
  readonly question: string;
  readonly variant: string;
  readonly title: string;
  readonly contenders: readonly {
    readonly name: string;
    readonly kind: string;
    readonly outcomes: readonly Outcome[];
  }[];
}

export function reported({ question, variant, contenders: rows }: Answers): ReportedAnswers {
  return {
    question: question.name,
    variant: variant.name,
    title: question.title,
    contenders: rows.map(({ contender, outcomes }) => ({ name: contender.name, kind: contender.kind, outcomes })),
  };
}

/** The answers of a report, in our order; those to questions, and of contenders, that are no more are left out. */
export function answersOf({ answers }: Report): Answers[] {
  return questions.flatMap((question) =>
    question.variants.flatMap((variant) => {
      const answer = answers.find((each) => each.question === question.name && each.variant === variant.name);
      return answer ? [{ question, variant, contenders: rowsOf(answer) }] : [];
    }),
  );
}

function rowsOf(answer: ReportedAnswers): Row[] {
  return answer.contenders.flatMap(({ name, outcomes }) => {
    const contender = contenders.find((each) => each.name === name);
    return contender ? [{ contender, outcomes }] : [];
  });
}

/** Into bench/results of the source tree, which git ignores. */
export async function written(report: Report): Promise<string> {
  const folder = new URL('../../bench/results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${report.date.replaceAll(':', '-')}.json`, folder);
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  return fileURLToPath(file);
}

/** Several runs as one: each question as it was answered last, the rest as the last run has it. */
export async function readReports(files: readonly string[]): Promise<Report> {
  const reports = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Report));
  const inOrder = reports.toSorted((a, b) => a.date.localeCompare(b.date));
  const last = inOrder.at(-1);
  if (!last) throw new RangeError('Expected a report to read');
  const answers = inOrder.flatMap((report) => report.answers);
  const latest = new Map(answers.map((answer) => [`${answer.question}: ${answer.variant}`, answer]));
  return { ...last, answers: [...latest.values()] };
}
