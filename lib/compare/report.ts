import type { Comparison, OneAtATime } from './comparison.js';
import { percent } from './figures.js';
import { plotsOf, type Plot } from './plots.js';
import { STYLE } from './style.js';
import { factsOf, HEADERS, rowsOf, troublesOf } from './table.js';

/**
 * The comparison as one HTML page that needs nothing else: no script, no network. Needs the packages `vega` and
 * `vega-lite`, which are optional.
 *
 * @throws PoolError (ERR_COMPARE_REPORT) when they are not installed
 */
export async function renderReport(comparison: Comparison): Promise<string> {
  const plots = await plotsOf(comparison);
  const name = escape(shortName(comparison.function));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name} – forkpool bench</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><p>forkpool bench</p><h1>${name}</h1></header>
${verdict(comparison)}
<div class="plots">
${plots.map(figure).join('\n')}
</div>
${table(comparison)}
${notes(comparison)}
<footer>${factsOf(comparison).map(escape).join('<br>')}<br>${escape(comparison.function)}</footer>
</main>
</body>
</html>
`;
}

/** `resize` of `resize of file:///app/images.js`. */
function shortName(name: string): string {
  return /^(.+?) of \w+:/.exec(name)?.[1] ?? name;
}

function verdict({ verdict: { kind, use, text }, oneAtATime }: Comparison): string {
  const heading = use === undefined ? 'No pool: one at a time' : `Use ${use.name}`;
  return `<section>
<p class="kind">${kind}</p>
<p class="use">${escape(heading)}</p>
<p class="text">${escape(text)}</p>
${shares(oneAtATime)}
</section>`;
}

/** Where the time of a task goes. */
function shares({ cpuShare, loopShare }: OneAtATime): string {
  const cpu = Math.min(1, cpuShare);
  const blocked = Math.max(0, loopShare - cpu);
  const parts = [
    ['cpu', 'computes', cpu],
    ['blocked', 'blocks the event loop', blocked],
    ['waiting', 'waits', Math.max(0, 1 - cpu - blocked)],
  ] as const;
  const bar = parts
    .slice(0, 2)
    .map(([name, , share]) => `<i class="${name}" style="width:${(share * 100).toFixed(1)}%"></i>`);
  const key = parts.map(([name, words, share]) => `<li><i class="${name}"></i>${words} ${percent(share)}</li>`);
  return `<div class="shares" role="img" aria-label="Where the time of a task goes">${bar.join('')}</div>
<ul class="key">${key.join('')}</ul>`;
}

function figure({ title, caption, svg }: Plot): string {
  return `<figure><figcaption><h2>${title}</h2>${caption}</figcaption>${svg}</figure>`;
}

function table(comparison: Comparison): string {
  const { use } = comparison.verdict;
  const cells = (row: readonly string[]): string =>
    HEADERS.map((_, column) => `<td>${escape(row[column] ?? '')}</td>`).join('');
  const rows = rowsOf(comparison).map(
    (row) => `<tr${isUsed(row, use?.name) ? ' class="used"' : ''}>${cells(row)}</tr>`,
  );
  return `<section>
<h2>Figures</h2>
<div class="wide" tabindex="0"><table>
<thead><tr>${HEADERS.map((header) => `<th>${header}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
</section>`;
}

function isUsed([name]: readonly string[], used = 'one at a time'): boolean {
  return name === used;
}

function notes(comparison: Comparison): string {
  const all = [...troublesOf(comparison), ...comparison.notes];
  if (all.length === 0) return '';
  const lines = all.map((note) => `<li>${escape(note)}</li>`).join('');
  return `<section><h2>To be known</h2><ul class="notes">${lines}</ul></section>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
