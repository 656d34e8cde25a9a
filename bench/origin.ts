import { machineLine, type Machine } from './machine.js';
import type { Run } from './report.js';

/** When and how figures were measured: without it they say nothing. If there were several runs, it says so. */
export function commandLineOf(runs: readonly Run[]): string {
  const commands = new Set(runs.map((run) => `\`${commandOf(run)}\``));
  const days = [...new Set(runs.map(({ date }) => date.slice(0, 10)))];
  const when = days.length > 1 ? `${days[0]} to ${days.at(-1)}` : `${days[0]}`;
  const how = [...commands].join(' and ');
  return runs.length > 1
    ? `${how}, ${runs.length} runs of ${when}: each question as it was answered last.`
    : `${how}, ${when}.`;
}

/** For a run that was written without its arguments, gives what is known of them. */
function commandOf({ args, settings }: Run): string {
  const given = args ?? ['--rounds', `${settings.rounds}`, '--workers', `${settings.workers}`];
  return ['npm run bench', ...(given.length > 0 ? ['--', ...given.map(quoted)] : [])].join(' ');
}

/** Quotes a word so that a shell takes it for one. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A line for each machine, and each set of versions, that the runs were made with. */
export function machineLinesOf(runs: readonly Run[]): string[] {
  const loads = new Map<string, { machine: Machine; all: number[] }>();
  for (const { machine } of runs) {
    const line = machineLine({ ...machine, load: 0 });
    const same = loads.get(line) ?? { machine, all: [] };
    same.all.push(machine.load);
    loads.set(line, same);
  }
  return [...loads.values()].map(({ machine, all }) => machineLine(machine, all));
}
