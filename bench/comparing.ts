import type { Column } from './columns.js';
import { isOfThreads } from './contenders/contender.js';
import type { Row } from './rounds.js';
import { spread, type Spread } from './statistics.js';

/** Which pool of ours another one is compared with: threads with threads. */
export function oursFor({ contender }: Row, contenders: readonly Row[]): Row | undefined {
  return ourRow(contenders, isOfThreads(contender) ? 'threads' : undefined);
}

export function ourRow(contenders: readonly Row[], of: 'threads' | undefined): Row | undefined {
  const kind = of === 'threads' ? 'forkpool-thread' : 'forkpool';
  return contenders.find((row) => row.contender.kind === kind);
}

/** A column's figure of each round, if there was one. */
export function figures(column: Column, { outcomes }: Row): (number | undefined)[] {
  return outcomes.map((outcome) => (outcome.is === 'answered' ? column.value(outcome.sample) : undefined));
}

export function spreadOf(column: Column, row: Row | undefined): Spread | undefined {
  return row && spread(present(figures(column, row)));
}

/** How many times `other`'s figure `one`'s is, round by round; rounds that one of them lacks do not count. */
export function ratio(column: Column, one: Row | undefined, other: Row | undefined): Spread | undefined {
  if (!one || !other) return undefined;
  const others = figures(column, other);
  const paired = figures(column, one).map((figure, round) => {
    const divisor = others[round];
    return figure === undefined || divisor === undefined ? undefined : figure / divisor;
  });
  return spread(present(paired));
}

/** The one with the best median; whoever has no figure does not compete. */
export function best(column: Column, rows: readonly Row[]): Row | undefined {
  const ranked = rows
    .flatMap((row) => {
      const median = spreadOf(column, row)?.median;
      return median === undefined ? [] : [{ row, median }];
    })
    .toSorted((a, b) => a.median - b.median);
  return ranked.at(column.better === 'less' ? 0 : -1)?.row;
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}
