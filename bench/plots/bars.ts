import type { TopLevelSpec } from 'vega-lite';
import type { Kind } from '../contenders/contender.js';
import { format } from '../format.js';
import type { Verdict } from '../verdict.js';

/** Against whom: other pools, not ideals and not ourselves. */
const rivals: Readonly<Partial<Record<Kind, string>>> = {
  process: 'Node, processes',
  thread: 'Node, threads',
  python: 'Python',
  'python-thread': 'Python',
};
const colours = {
  [rivals.process ?? '']: '#2f6fb0',
  [rivals.thread ?? '']: '#8a5fb5',
  [rivals.python ?? '']: '#c9822b',
};

interface Bar {
  readonly work: string;
  readonly against: string;
  readonly times: number;
  readonly least: number;
  readonly most: number;
  readonly goal: number;
  /** Where its label stands: right of all that is drawn. */
  readonly end: number;
  readonly label: string;
}

/** Said instead of measured: without a canvas, vega takes letters for wider than they are. */
const padding = { left: 265, right: 65, top: 40, bottom: 45 };

/** How many times better than other pools we are, with the ranges and the goals. */
export function bars(verdicts: readonly Verdict[]): TopLevelSpec | undefined {
  const values = verdicts.flatMap(barOf);
  if (values.length === 0) return undefined;
  const y = {
    field: 'work',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { labelLimit: 0, ticks: false },
  } as const;
  const x = {
    type: 'quantitative',
    scale: { type: 'log', nice: true },
    title: 'times better than the best of them (an upright line: the goal)',
  } as const;
  const against = Object.keys(colours).filter((name) => values.some((value) => value.against === name));
  const color = {
    field: 'against',
    type: 'nominal',
    title: null,
    scale: { domain: against, range: against.map((name) => colours[name] ?? '#888') },
    legend: { orient: 'top', labelLimit: 0 },
  } as const;
  return {
    width: 490,
    height: 24 * values.length,
    padding,
    autosize: 'none',
    data: { values },
    layer: [
      { mark: { type: 'bar', height: 13 }, encoding: { y, x: { ...x, field: 'times' }, x2: { datum: 1 }, color } },
      { mark: { type: 'rule', color: '#666' }, encoding: { x: { ...x, datum: 1 } } },
      { mark: { type: 'rule', color: '#222' }, encoding: { y, x: { ...x, field: 'least' }, x2: { field: 'most' } } },
      { mark: { type: 'tick', color: '#222', thickness: 2, size: 20 }, encoding: { y, x: { ...x, field: 'goal' } } },
      {
        mark: { type: 'text', align: 'left', dx: 6, color: '#222', fontSize: 11 },
        encoding: { y, x: { ...x, field: 'end' }, text: { field: 'label' } },
      },
    ],
  };
}

function barOf({ goal, answers: { question, variant }, rival, reached }: Verdict): Bar[] {
  if (!rival || !reached) return [];
  const against = rivals[rival.kind];
  if (against === undefined) return [];
  const { column, bound } = goal;
  const oriented = (value: number): number => ('atMost' in bound ? 1 / value : value);
  const ends = [oriented(reached.min), oriented(reached.max)];
  return [
    {
      work: `${[question.name, variant.name].filter(Boolean).join(' ')}: ${column.header} vs ${rival.name}`,
      against,
      times: oriented(reached.median),
      least: Math.min(...ends),
      most: Math.max(...ends),
      goal: oriented(bounded(bound)),
      end: Math.max(...ends, oriented(bounded(bound)), 1),
      label: `${format(oriented(reached.median))}x`,
    },
  ];
}

function bounded(bound: Verdict['goal']['bound']): number {
  return 'atLeast' in bound ? bound.atLeast : bound.atMost;
}
