import type { TopLevelSpec } from 'vega-lite';
import type { PositionFieldDef } from 'vega-lite/types_unstable/channeldef.js';
import { PoolError } from '../index.js';
import type { Comparison, PoolKind, Times } from './comparison.js';
import { atOnce, CLASSES } from './contender.js';

/** A drawing, as the text of an SVG element. Its colours are variables of the page: see `style.ts`. */
export interface Plot {
  readonly title: string;
  /** What it shows, for readers who do not know how to read it. */
  readonly caption: string;
  readonly svg: string;
}

/** Draws the plots here and now with vega, without a browser. */
export async function plotsOf(comparison: Comparison): Promise<Plot[]> {
  const draw = await prepareReport();
  const plots = [speedups(comparison), taskTimes(comparison), histogram(comparison)];
  return Promise.all(plots.map(async ({ title, caption, spec }) => ({ title, caption, svg: await draw(spec) })));
}

/**
 * Loads the packages that draw the plots of `renderReport`: 25 MB that only a report needs, so install them if you want one. Call
 * it before a long comparison whose report you want.
 *
 * @throws PoolError (ERR_COMPARE_REPORT) when they are not installed
 */
export async function prepareReport(): Promise<(spec: TopLevelSpec) => Promise<string>> {
  try {
    const vega = await import('vega');
    const vegaLite = await import('vega-lite');
    return (spec) => new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' }).toSVG();
  } catch (error) {
    throw new PoolError(
      'The plots of a report are drawn by the packages `vega` and `vega-lite`, which could not be loaded. ' +
        'Install them: npm install --save-dev vega@6 vega-lite@6',
      'ERR_COMPARE_REPORT',
      { cause: error },
    );
  }
}

type Drawn = Omit<Plot, 'svg'> & { readonly spec: TopLevelSpec };

/** Drawn small and shown larger, so that letters can still be read in a narrow window. */
const WIDTH = 330;
const HEIGHT = 220;

const KINDS = Object.keys(CLASSES) as PoolKind[];
const COLOURS = {
  domain: KINDS.map((kind) => CLASSES[kind].name),
  range: KINDS.map((kind) => `var(--${kind})`),
};

const BASE = {
  background: 'transparent',
  padding: 4,
  config: {
    font: 'system-ui, sans-serif',
    view: { stroke: 'transparent' },
    axis: {
      labelColor: 'var(--quiet)',
      titleColor: 'var(--quiet)',
      titleFontWeight: 'normal',
      labelFontSize: 11,
      titleFontSize: 11,
      gridColor: 'var(--line)',
      domainColor: 'var(--line)',
      tickColor: 'var(--line)',
    },
    legend: { labelColor: 'var(--ink)', labelFontSize: 12, symbolOpacity: 1 },
  },
} as const satisfies Partial<TopLevelSpec>;

function speedups(comparison: Comparison): Drawn {
  const values = comparison.contenders
    .filter(({ broken, speedup }) => broken === undefined && speedup > 0)
    .map((contender) => {
      // A logarithmic axis has no place for 0, the speed-up if every task failed.
      const some = contender.speedups.filter((each) => each > 0);
      return {
        pool: CLASSES[contender.pool].name,
        atOnce: atOnce(contender),
        speedup: contender.speedup,
        least: Math.min(...some),
        most: Math.max(...some),
      };
    });
  const wide = Math.max(1, ...values.map(({ most }) => most)) > 12;
  const x: PositionFieldDef<string> = {
    field: 'atOnce',
    type: 'quantitative',
    title: 'tasks at once (workers × concurrency)',
    scale: { type: 'log', base: 2, nice: false },
    axis: { values: [...new Set(values.map((value) => value.atOnce))], grid: false, format: 'd', labelOverlap: true },
  };
  const scale = wide ? ({ type: 'log', base: 2, nice: true } as const) : ({ zero: true } as const);
  const y = { type: 'quantitative', title: 'times one at a time', scale } as const;
  const color = { field: 'pool', type: 'nominal', title: null, scale: COLOURS, legend: { orient: 'top' } } as const;
  return {
    title: 'Speed-up',
    caption: 'Throughput against one at a time (the dashed line). A bar is the range over the rounds.',
    spec: {
      ...BASE,
      width: WIDTH,
      height: HEIGHT,
      data: { values },
      layer: [
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'rule', strokeDash: [4, 4], color: 'var(--quiet)' },
          encoding: { y: { ...y, field: 'one' } },
        },
        {
          encoding: { x, color },
          layer: [
            { mark: { type: 'rule', opacity: 0.5 }, encoding: { y: { ...y, field: 'least' }, y2: { field: 'most' } } },
            { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: { ...y, field: 'speedup' } } },
            {
              mark: { type: 'point', filled: true, size: 45, opacity: 1 },
              encoding: { y: { ...y, field: 'speedup' } },
            },
          ],
        },
      ],
    },
  };
}

/** As high as the two plots beside it. */
const ROWS_HEIGHT = 590;
const LEAST_ROW = 24;

const MS = { type: 'quantitative', title: 'ms' } as const;

function taskTimes({ oneAtATime, contenders }: Comparison): Drawn {
  const row = (name: string, pool: string, { p50, p90, p99, max }: Times) => ({ name, pool, p50, p90, p99, max });
  const values = [
    row('one at a time', 'one at a time', oneAtATime.runTime),
    ...contenders
      .filter(({ broken }) => broken === undefined)
      .map(({ name, pool, runTime }) => row(name, CLASSES[pool].name, runTime)),
  ].filter(({ p50 }) => p50 > 0);
  const x = { ...MS, scale: { type: 'log', nice: false }, axis: { tickCount: 5 } } as const;
  const scale = { domain: ['one at a time', ...COLOURS.domain], range: ['var(--quiet)', ...COLOURS.range] };
  return {
    title: 'Task times',
    caption:
      'How long tasks ran: bars from the median to the 99th percentile, a tick at the 90th, a ring at the longest.',
    spec: {
      ...BASE,
      width: WIDTH - 90,
      height: Math.max(values.length * LEAST_ROW, ROWS_HEIGHT),
      data: { values },
      encoding: {
        y: {
          field: 'name',
          type: 'nominal',
          title: null,
          sort: null,
          axis: { labelLimit: 0, labelColor: 'var(--ink)' },
        },
        color: { field: 'pool', type: 'nominal', scale, legend: null },
      },
      layer: [
        {
          mark: { type: 'bar', height: 14, opacity: 0.45, minBandSize: 2 },
          encoding: { x: { ...x, field: 'p50' }, x2: { field: 'p99' } },
        },
        { mark: { type: 'tick', thickness: 2, size: 22, opacity: 1 }, encoding: { x: { ...x, field: 'p50' } } },
        { mark: { type: 'tick', thickness: 2, size: 14, opacity: 1 }, encoding: { x: { ...x, field: 'p90' } } },
        { mark: { type: 'point', filled: false, size: 22, opacity: 0.8 }, encoding: { x: { ...x, field: 'max' } } },
      ],
    },
  };
}

function histogram({ oneAtATime }: Comparison): Drawn {
  return {
    title: 'Distribution, one at a time',
    caption: 'How many tasks took how long with the machine to themselves.',
    spec: {
      ...BASE,
      width: WIDTH,
      height: HEIGHT,
      data: { values: oneAtATime.histogram.map((bucket) => ({ ...bucket, none: 0 })) },
      mark: { type: 'rect', color: 'var(--accent)', opacity: 0.75 },
      encoding: {
        x: { ...MS, field: 'from', scale: { type: 'log', nice: false }, axis: { grid: false, tickCount: 5 } },
        x2: { field: 'to' },
        y: { field: 'none', type: 'quantitative', title: 'tasks' },
        y2: { field: 'count' },
      },
    },
  };
}
