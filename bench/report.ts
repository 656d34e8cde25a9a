import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Outcome, Settings } from './attempt.js';
import { contenders } from './contenders.js';
import { questions } from './questions.js';
import type { Machine } from './machine.js';
import type { Answers, Row } from './rounds.js';

/** When, where and how a run was made. */
export interface Run {
  readonly date: string;
  readonly machine: Machine & { readonly loadAtEnd: number };
  readonly settings: Settings & { readonly rounds: number };
  /** Arguments of its command line. Older runs have none. */
  readonly args?: readonly string[];
}

/** A run of the bench, raw: what is written, and what tables and plots are made of. For several runs, it is the last one. */
export interface Report extends Run {
  readonly answers: readonly ReportedAnswers[];
  /** The runs that the answers come from, in their order, if there are several. */
  readonly runs?: readonly Run[];
}

interface ReportedAnswers {
  /** The date of its run, if there are several. */
  readonly date?: string;
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

/** The answers of a report, in our order; leaves out those to questions, and of contenders, that no longer exist. */
export function answersOf({ answers }: Report): Answers[] {
  return questions.flatMap((question) =>
    question.variants.flatMap((variant) => {
      const answer = answers.find((each) => each.question === question.name && each.variant === variant.name);
      if (!answer) return [];
      return [
        { question, variant, contenders: rowsOf(answer), ...(answer.date !== undefined && { date: answer.date }) },
      ];
    }),
  );
}

function rowsOf(answer: ReportedAnswers): Row[] {
  return answer.contenders.flatMap(({ name, outcomes }) => {
    const contender = contenders.find((each) => each.name === name);
    return contender ? [{ contender, outcomes }] : [];
  });
}

/** Writes it into bench/results of the source tree, which git ignores. */
export async function written(report: Report): Promise<string> {
  const folder = new URL('../../bench/results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${report.date.replaceAll(':', '-')}.json`, folder);
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  return fileURLToPath(file);
}

/** Reads several runs as one: each question as it was answered last, and in which of them. */
export async function readReports(files: readonly string[]): Promise<Report> {
  const reports = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Report));
  const inOrder = reports.toSorted((a, b) => a.date.localeCompare(b.date));
  const dated = inOrder.flatMap(({ date, answers }) => answers.map((answer) => ({ date, ...answer })));
  const answers = [...new Map(dated.map((answer) => [`${answer.question}: ${answer.variant}`, answer])).values()];
  const used = new Set(answers.map(({ date }) => date));
  const runs = inOrder.flatMap(runsOf).filter(({ date }) => used.delete(date));
  const last = runs.at(-1) ?? inOrder.at(-1);
  if (!last) throw new RangeError('Expected a report to read');
  return { ...last, answers, runs };
}

/** The runs in a report, which may have been merged from several and written again. */
export function runsOf({ date, machine, settings, args, runs }: Report): readonly Run[] {
  return runs ?? [{ date, machine, settings, ...(args !== undefined && { args }) }];
}
