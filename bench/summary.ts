import type { Contender } from './contenders/contender.js';
import { aligned, format, markdown, range } from './format.js';
import type { Goal, Rival } from './question.js';
import { noPoolMisses, type Verdict } from './verdict.js';

/** All goals in one table: what was asked, what was reached, and whether that is enough. */
export function summary(verdicts: readonly Verdict[], as: 'text' | 'markdown'): string {
  const header = ['work', 'goal', 'forkpool', 'against', 'ratio', 'no pool', ''];
  const rows = [header, ...verdicts.map(cellsOf)];
  return (as === 'markdown' ? markdown(rows) : aligned(rows, 7)).join('\n');
}

function cellsOf(verdict: Verdict): string[] {
  const { goal, answers, figure, rival, reached, withNoPool, is } = verdict;
  const { question, variant } = answers;
  const missed = noPoolMisses(verdict) ? 'MISSED, no pool too' : 'MISSED';
  return [
    variant.name === '' ? question.title : `${question.title}: ${variant.name}`,
    wanted(goal),
    figure ? `${goal.against ? format(figure.median) : range(figure)} ${goal.column.header}` : '-',
    rival && !isOurs(rival) ? rival.name : '',
    goal.against ? range(reached, 'x') : '',
    withNoPool ? `${format(withNoPool.median)}${goal.against ? 'x' : ''}` : '',
    is === 'missed' ? missed : is,
  ];
}

function isOurs({ kind }: Contender): boolean {
  return kind.startsWith('forkpool');
}

/** `tasks/s ≥ 7x the best process pool`. */
export function wanted({ column, bound, against }: Goal): string {
  const [sign, value] = 'atLeast' in bound ? ['≥', bound.atLeast] : ['≤', bound.atMost];
  return against
    ? `${column.header} ${sign} ${format(value)}x ${named(against)}`
    : `${column.header} ${sign} ${format(value)}`;
}

function named(rival: Rival): string {
  if ('variant' in rival) return `that of ${rival.variant}`;
  if ('name' in rival) return rival.name;
  return rival.kind === 'python' ? 'the best of Python' : `the best ${rival.kind} pool`;
}
