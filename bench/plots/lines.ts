import type { TopLevelSpec } from 'vega-lite';
import { cpuPerTask, wallPerTask, figure } from '../columns.js';
import { ourRow, spreadOf } from '../comparing.js';
import type { Answers } from '../rounds.js';

/** What grows, as `questions/growth.ts` names its series. */
const series = { workers: 'workers', tasks: 'tasks at once', data: 'bytes a task carries, each way' };

const costs = { 'on the clock': wallPerTask, 'CPU time': cpuPerTask };
const size = figure('', 'size');

interface Point {
  readonly what: string;
  readonly size: number;
  readonly cost: string;
  readonly us: number;
}

/** What a task costs as all grows: two lines a series, both axes logarithmic. */
export function lines(answers: readonly Answers[]): TopLevelSpec | undefined {
  const values = answers.filter(({ question }) => question.name === 'growth').flatMap(pointsOf);
  if (values.length === 0) return undefined;
  const there = Object.entries(series).filter(([what]) => values.some((value) => value.what === what));
  return {
    data: { values },
    hconcat: there.map(([what, title], i) => ({
      width: 210,
      height: 200,
      transform: [{ filter: { field: 'what', equal: what } }],
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'size',
          type: 'quantitative',
          scale: { type: 'log' },
          title,
          axis: { format: '~s', tickCount: 6, labelOverlap: true },
        },
        y: {
          field: 'us',
          type: 'quantitative',
          scale: { type: 'log' },
          title: i === 0 ? 'µs a task' : null,
          axis: { format: '~s', tickCount: 6, labelOverlap: true },
        },
        color: {
          field: 'cost',
          type: 'nominal',
          title: null,
          scale: { domain: Object.keys(costs), range: ['#2f6fb0', '#c9822b'] },
          legend: { orient: 'top' },
        },
      },
    })),
  };
}

function pointsOf({ variant, contenders }: Answers): Point[] {
  const row = ourRow(contenders, undefined);
  const at = spreadOf(size, row)?.median;
  const what = variant.name.split(' ')[0];
  if (at === undefined || what === undefined) return [];
  return Object.entries(costs).flatMap(([cost, column]) => {
    const us = spreadOf(column, row)?.median;
    return us === undefined ? [] : [{ what, size: at, cost, us }];
  });
}
