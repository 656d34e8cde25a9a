import type { Outcome } from './attempt.js';
import type { Column } from './columns.js';
import { oursFor, ratio, spreadOf } from './comparing.js';
import { aligned, format, markdown, range } from './format.js';
import type { Question } from './question.js';
import type { Answers, Row } from './rounds.js';
import type { Sample } from './sample.js';

/** The answers to a question, for people: medians with their ranges, and how many times better forkpool was in the same round. */
export function table(question: Question, answers: readonly Answers[]): string {
  const named = answers.some(({ variant }) => variant.name !== '');
  const [header = '', ...lines] = aligned(cellsOfTable(question, answers), named ? 2 : 1);
  const rows = answers.flatMap(({ contenders }) => contenders);
  return [
    `${question.name}: ${question.title}`,
    '',
    header,
    ...rows.flatMap((row, i) => [lines[i] ?? '', troubles(row)].flat()),
  ].join('\n');
}

/** The same for a page. */
export function markdownTable(question: Question, answers: readonly Answers[]): string {
  return markdown(cellsOfTable(question, answers)).join('\n');
}

function cellsOfTable({ columns }: Question, answers: readonly Answers[]): (readonly string[])[] {
  const rows = answers.flatMap(({ variant, contenders }) =>
    contenders.map((row) => [variant.name, ...cellsOf(row, columns, contenders)]),
  );
  return withoutEmptyColumns([['', 'contender', 'tasks', ...columns.flatMap(headers)], ...rows]);
}

/** Drops columns that are empty for all: a ratio if only we were asked, the name of a variant if there is only one. */
function withoutEmptyColumns([header = [], ...rows]: readonly (readonly string[])[]): (readonly string[])[] {
  const isEmpty = header.map((_, i) => rows.every((row) => ['', '-', undefined].includes(row[i])));
  return [header, ...rows].map((row) => row.filter((_, i) => !isEmpty[i]));
}

function headers({ header, better }: Column): string[] {
  return better ? [header, 'forkpool better'] : [header];
}

/** The name alone if there was no answer: the lines below it say why. */
function cellsOf(row: Row, columns: readonly Column[], contenders: readonly Row[]): string[] {
  const sample = firstSample(row);
  if (!sample) return [row.contender.name];
  const ours = oursFor(row, contenders);
  return [row.contender.name, format(sample.tasks), ...columns.flatMap((column) => cells(column, row, ours))];
}

function cells(column: Column, row: Row, ours: Row | undefined): string[] {
  const figure = spreadOf(column, row);
  if (!column.better) return [figure ? format(figure.median) : '-'];
  const better = column.better === 'more' ? ratio(column, ours, row) : ratio(column, row, ours);
  return [range(figure), row === ours ? '' : range(better, 'x')];
}

function firstSample({ outcomes }: Row): Sample | undefined {
  return outcomes.find((outcome) => outcome.is === 'answered')?.sample;
}

/** A line for each thing that went wrong with a contender: also for one that answered in other rounds. */
function troubles({ outcomes }: Row): string[] {
  const counted = new Map<string, number>();
  for (const trouble of outcomes.filter((outcome) => outcome.is !== 'answered').map(wording)) {
    counted.set(trouble, (counted.get(trouble) ?? 0) + 1);
  }
  return [...counted].map(([trouble, times]) => `  ${trouble} (${times} of ${outcomes.length} rounds)`);
}

function wording(outcome: Exclude<Outcome, { is: 'answered' }>): string {
  return `${outcome.is}: ${outcome.because}`;
}
