import type { Comparison, Measurement } from './comparison.js';
import { failing } from './failing.js';
import { bytes, duration, percent, rate, timesAs } from './figures.js';

/** The comparison as text, for a terminal: the verdict first, then the figures it rests on. */
export function renderTable(comparison: Comparison): string {
  const { verdict, notes } = comparison;
  return [
    verdict.text,
    '',
    ...aligned([HEADERS, ...rowsOf(comparison)]),
    '',
    ...factsOf(comparison),
    ...troublesOf(comparison),
    ...notes,
  ].join('\n');
}

export const HEADERS = [
  '',
  'tasks/s',
  'speed-up',
  'run p50',
  'p90',
  'p99',
  'max',
  'wait p50',
  'p99',
  'start',
  'memory',
] as const;

/** A line for one at a time, then one for each contender. */
export function rowsOf({ oneAtATime, contenders }: Comparison): string[][] {
  const { throughput, runTime, startupMs, memory } = oneAtATime;
  const run = [runTime.p50, runTime.p90, runTime.p99, runTime.max].map(duration);
  return [
    ['one at a time', rate(throughput), '1', ...run, '', '', duration(startupMs), bytes(memory)],
    ...contenders.map(rowOf),
  ];
}

/** Only the name if there are no figures: a line below says what happened. A contender that broke later keeps its figures. */
function rowOf({ name, broken, throughput, speedup, runTime, waitTime, startupMs, memory }: Measurement): string[] {
  if (broken !== undefined && runTime.count === 0) return [name];
  const times = [runTime.p50, runTime.p90, runTime.p99, runTime.max, waitTime.p50, waitTime.p99].map(duration);
  return [name, rate(throughput), timesAs(speedup), ...times, duration(startupMs), bytes(memory)];
}

/** What else is known of the work and of the measurement. */
export function factsOf({ oneAtATime, message, items, machine, rounds, turnMs }: Comparison): string[] {
  const { cpuShare, loopShare, stolenShare } = oneAtATime;
  const { argument, result } = message;
  return [
    `Of a task, alone: ${percent(cpuShare)} CPU, event loop in use for ${percent(loopShare)}; ` +
      `${percent(stolenShare)} of the time was lost to other programs.`,
    `A message: ${duration(message.roundTripMs)} there and back, ${duration(message.perTaskMs)} a task among many; ` +
      `argument ${bytes(argument.bytes)} (${duration(argument.serializeMs + argument.deserializeMs)}), ` +
      `result ${bytes(result.bytes)} (${duration(result.serializeMs + result.deserializeMs)}).`,
    `${items.used} of ${items.given} items, ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${turnMs} ms. ` +
      `${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'} (${machine.cpu}), Node ${machine.node}, ` +
      `${machine.system}, ${machine.date.slice(0, 10)}.`,
  ];
}

const NO_CHOICE = 'That is more than with fewer at once: it is not recommended, however fast.';

/** A line for whatever failed. */
export function troublesOf(comparison: Comparison): string[] {
  const refused = failing(comparison);
  return [
    ...troubleOf({ name: 'One at a time', broken: undefined, failures: comparison.oneAtATime.failures }),
    ...comparison.contenders.flatMap((each) =>
      troubleOf(each).map((trouble) =>
        refused.has(each) && each.broken === undefined ? `${trouble}. ${NO_CHOICE}` : trouble,
      ),
    ),
  ];
}

function troubleOf({ name, broken, failures }: Pick<Measurement, 'name' | 'broken' | 'failures'>): string[] {
  const { failed, of, first } = failures;
  if (broken !== undefined) return [`${name} could not run${of > 0 ? ' again' : ''}: ${broken}`];
  return first === undefined
    ? []
    : [`${name}: ${failed} of ${of} tasks failed; the first, of ${first.name}: ${first.error}`];
}

/** The names to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
