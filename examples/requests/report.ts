import type { ConnectionLog } from '../postgres/connection-log.js';
import type { Library } from './library.js';
import type { Answer } from './tasks.js';

/** How the requests of one pool went. */
export interface Run {
  readonly title: string;
  /** What the names of its connections begin with. */
  readonly application: string;
  readonly words: readonly string[];
  readonly answers: readonly Answer[];
  readonly ms: number;
  readonly replaced: number;
}

export interface Check {
  readonly fact: string;
  readonly holds: boolean;
}

export interface Limits {
  readonly processes: number;
  readonly maxtasksperchild: number;
}

type Runs = readonly [kept: Run, opened: Run];

export function checksOf([kept, opened]: Runs, log: ConnectionLog, library: Library, limits: Limits): Check[] {
  const { processes, maxtasksperchild } = limits;
  const connections = log.of(kept.application);
  const right = [kept, opened].every((run) =>
    run.words.every((word, index) => isRight(run.answers[index], word, library)),
  );
  return [
    { fact: 'every request has its result, and a count over the whole table says the same', holds: right },
    { fact: `never more than ${processes} connections at once`, holds: log.mostAtOnce(kept.application) <= processes },
    { fact: 'one connection a child', holds: new Set(connections).size === connections.length },
    {
      fact: `no child has answered more than ${maxtasksperchild} requests`,
      holds: mostOfAChild(kept) <= maxtasksperchild,
    },
    {
      fact: `every child after the first ${processes} took the place of one that had left`,
      holds: connections.length <= processes + kept.replaced,
    },
    { fact: 'every connection has been closed', holds: log.open('') === 0 },
  ];
}

function isRight(answer: Answer | undefined, word: string, library: Library): boolean {
  return answer?.word === word && answer.paragraphs === library.words.get(word);
}

function mostOfAChild({ answers }: Run): number {
  const counts = new Map<number, number>();
  for (const { worker } of answers) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** True if all hold. */
export function printChecks(checks: readonly Check[]): boolean {
  console.log('');
  for (const { fact, holds } of checks) console.log(`${holds ? '✓' : '✗ NOT TRUE:'} ${fact}`);
  return checks.every(({ holds }) => holds);
}

export function printRuns(runs: Runs, log: ConnectionLog): void {
  const [kept, opened] = runs;
  const row = (label: string, cell: (run: Run) => string): string[] => [label, ...runs.map(cell)];
  const times = eachMs(opened) / eachMs(kept);
  printTable([
    row('', ({ title }) => title),
    row('requests', ({ words }) => String(words.length)),
    row('results', ({ answers }) => String(answers.length)),
    row('time', ({ ms }) => `${(ms / 1000).toFixed(2)} s`),
    row('time a request', (run) => `${eachMs(run).toFixed(2)} ms`),
    row('connections at once', ({ application }) => String(log.mostAtOnce(application))),
    row('connections in all', ({ application }) => String(log.of(application).length)),
    row('children that connected', ({ application }) => String(new Set(log.of(application)).size)),
    row('children replaced', ({ replaced }) => String(replaced)),
  ]);
  console.log(`\nA request with a connection of its own takes ${times.toFixed(1)} times as long.`);
}

function eachMs({ ms, words }: Run): number {
  return ms / words.length;
}

/** The first few: the words that most paragraphs have. */
export function printAnswers(answers: readonly Answer[]): void {
  const shown = answers.slice(0, 5);
  const rows = shown.map(({ word, paragraphs, files, best }) => [word, String(paragraphs), String(files), best]);
  printTable([['word', 'paragraphs', 'files', 'best of them'], ...rows], 3);
}

/** The first column is aligned left, figures right, and the columns from `text` on left again. */
function printTable(rows: readonly (readonly string[])[], text = Infinity): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 || column >= text ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    console.log(`  ${cells.join('   ')}`.trimEnd());
  }
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
