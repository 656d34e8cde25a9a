import type { Outcome } from './attempt.js';
import type { Contender } from './contenders/contender.js';
import type { Column, Goal } from './question.js';
import type { Answers } from './rounds.js';
import type { Sample } from './sample.js';
import { spread, type Spread } from './statistics.js';

type Row = Answers['contenders'][number];

/** The answers as a table for people: medians with their ranges, and how many times better forkpool was in the same round. */
export function table(answers: Answers): string {
  const { question, contenders } = answers;
  const rows = contenders.map((row) => cellsOf(row, question.columns, oursFor(row, contenders)));
  const [header = '', ...lines] = aligned([['contender', 'tasks', ...question.columns.flatMap(headers)], ...rows]);
  return [
    `${question.name}: ${question.title}`,
    '',
    header,
    ...contenders.flatMap((row, i) => [lines[i] ?? '', troubles(row)].flat()),
    ...question.goals.map((goal) => judged(goal, answers)),
  ].join('\n');
}

/** Which pool of ours another one is compared with: threads with threads. */
function oursFor({ contender }: Row, contenders: readonly Row[]): Row | undefined {
  const kind = contender.kind.endsWith('thread') ? 'forkpool-thread' : 'forkpool';
  return contenders.find((row) => row.contender.kind === kind);
}

function headers({ header, better }: Column): string[] {
  return better ? [header, 'forkpool better'] : [header];
}

/** The name alone where there was no answer: the lines below it say why. */
function cellsOf(row: Row, columns: readonly Column[], forkpool: Row | undefined): string[] {
  const sample = firstSample(row);
  if (!sample) return [row.contender.name];
  return [row.contender.name, format(sample.tasks), ...columns.flatMap((column) => cells(column, row, forkpool))];
}

function cells(column: Column, row: Row, forkpool: Row | undefined): string[] {
  const figure = spread(present(figures(column, row)));
  if (!column.better) return [figure ? format(figure.median) : '-'];
  return [range(figure), row === forkpool ? '' : range(ratio(column, forkpool, row), 'x')];
}

/** How many times better forkpool was than the other, round by round; rounds that one of them lacks do not count. */
function ratio(column: Column, forkpool: Row | undefined, other: Row): Spread | undefined {
  const ours = forkpool ? figures(column, forkpool) : [];
  const theirs = figures(column, other);
  const paired = ours.map((our, round) => {
    const their = theirs[round];
    if (our === undefined || their === undefined) return undefined;
    return column.better === 'more' ? our / their : their / our;
  });
  return spread(present(paired));
}

function figures(column: Column, { outcomes }: Row): (number | undefined)[] {
  return outcomes.map((outcome) => (outcome.is === 'answered' ? column.value(outcome.sample) : undefined));
}

function firstSample({ outcomes }: Row): Sample | undefined {
  return outcomes.find((outcome) => outcome.is === 'answered')?.sample;
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
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

function judged({ column, against, times }: Goal, { contenders }: Answers): string {
  const wanted = `goal in ${column.header}: ≥ ${format(times)}x`;
  const rival = best(
    column,
    contenders.filter(({ contender }) => isMeant(contender, against)),
  );
  const reached = rival && ratio(column, oursFor(rival, contenders), rival);
  if (!reached)
    return `${wanted} ${'kind' in against ? `the best ${against.kind} pool` : against.name}: nothing to compare`;
  const verdict = reached.median >= times ? 'met' : 'MISSED';
  return `${wanted} ${rival.contender.name}: ${range(reached, 'x')} ${verdict}`;
}

function isMeant({ kind, name }: Contender, against: Goal['against']): boolean {
  return 'kind' in against ? kind === against.kind : name === against.name;
}

/** The one with the best median; whoever has no figure does not compete. */
function best(column: Column, rows: readonly Row[]): Row | undefined {
  const ranked = rows
    .flatMap((row) => {
      const median = spread(present(figures(column, row)))?.median;
      return median === undefined ? [] : [{ row, median }];
    })
    .toSorted((a, b) => a.median - b.median);
  return ranked.at(column.better === 'less' ? 0 : -1)?.row;
}

function range(values: Spread | undefined, unit = ''): string {
  if (!values) return '-';
  const [median, min, max] = [format(values.median), format(values.min), format(values.max)];
  return min === max ? median + unit : `${median}${unit} [${min}..${max}]`;
}

/** Three digits: more than the noise leaves of a figure. */
function format(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

/** The names to the left, all figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
