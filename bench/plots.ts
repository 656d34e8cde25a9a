import type { TopLevelSpec } from 'vega-lite';
import { prepareReport } from '../lib/compare/plots.js';
import { bars } from './plots/bars.js';
import { lines } from './plots/lines.js';
import type { Answers } from './rounds.js';
import type { Verdict } from './verdict.js';

/** The plots as SVG, by the names of their files. Without answers there is no plot. */
export async function plotsOf(
  answers: readonly Answers[],
  verdicts: readonly Verdict[],
): Promise<ReadonlyMap<string, string>> {
  const draw = await prepareReport();
  const drawn = new Map<string, string>();
  for (const [name, spec] of Object.entries({ ratios: bars(verdicts), growth: lines(answers) })) {
    if (spec) drawn.set(`${name}.svg`, await draw(inLook(spec)));
  }
  return drawn;
}

/** Gives it a background of its own: a page may be dark. */
function inLook(spec: TopLevelSpec): TopLevelSpec {
  return {
    padding: 12,
    ...spec,
    background: '#ffffff',
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: 'transparent' },
      axis: {
        labelColor: '#333',
        titleColor: '#333',
        titleFontWeight: 'normal',
        gridColor: '#e4e4e4',
        labelFontSize: 11,
      },
      legend: { labelColor: '#222', labelFontSize: 12, symbolOpacity: 1 },
      title: { color: '#222', fontSize: 12, anchor: 'start', fontWeight: 'normal' },
    },
  };
}
