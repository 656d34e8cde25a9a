import type { Spread } from './statistics.js';

/** Three digits: more than the noise leaves of a figure. */
export function format(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

/** The median, with its range if there is one. */
export function range(values: Spread | undefined, unit = ''): string {
  if (!values) return '-';
  const [median, min, max] = [format(values.median), format(values.min), format(values.max)];
  return min === max ? median + unit : `${median}${unit} [${min}..${max}]`;
}

/** Aligns columns for a terminal: the first to the left, all others to the right. */
export function aligned(rows: readonly (readonly string[])[], leftColumns = 1): string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < leftColumns ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Formats a table of Markdown. */
export function markdown([header = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}
