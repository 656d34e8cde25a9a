import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from './attempt.js';
import type { Show } from './command-line.js';
import { machineLine, type Machine } from './machine.js';
import { plotsOf } from './plots.js';
import { growth } from './questions/growth.js';
import { commandLineOf, machineLinesOf } from './origin.js';
import { runsOf, type Report, type Run } from './report.js';
import type { Answers } from './rounds.js';
import { summary } from './summary.js';
import { markdownTable } from './table.js';
import { verdicts } from './verdict.js';

export type Say = (text: string) => void;

/** Stdout is for what was asked for: tables, unless that is a report or a piece of Markdown. */
export function sayingFor({ as }: Show): Say {
  return as === 'text' ? console.log : console.error;
}

interface Conditions {
  readonly rounds: number;
  readonly settings: Pick<Settings, 'workers' | 'pinning'>;
}

export function introduction(here: Machine, { rounds, settings }: Conditions): string {
  return [
    machineLine(here),
    `${settings.workers} workers, ${rounds} interleaved rounds, a fresh master each: median [min..max].`,
    ...explanations([settings]),
  ].join('\n');
}

/** The same for earlier runs. */
export function introductionOf(runs: readonly Run[]): string {
  const settings = runs.map((run) => run.settings);
  return [
    ...machineLinesOf(runs),
    commandLineOf(runs),
    'Interleaved rounds, a fresh master each: median [min..max].',
    ...explanations(settings),
  ].join('\n');
}

function explanations(settings: readonly Conditions['settings'][]): string[] {
  return [
    ...(settings.some(({ pinning }) => pinning.length === 0)
      ? ['Nothing is pinned to one core: latencies are by chance of the scheduler.']
      : []),
    '"forkpool better": so many times, paired within a round. CPU: master by getrusage, its children by their threads\' schedstat.',
  ];
}

/** After all tables: what became of the goals, in the form that is wanted, and the plots. */
export async function conclude(report: Report, answers: readonly Answers[], { as, plots }: Show): Promise<void> {
  const judged = verdicts(answers);
  switch (as) {
    case 'json':
      console.log(JSON.stringify(report, undefined, 2));
      break;
    case 'markdown':
      console.log([summary(judged, 'markdown'), ...growthTable(answers), circumstances(report)].join('\n\n'));
      break;
    case 'text':
      console.log(`\n${summary(judged, 'text')}`);
  }
  if (plots === undefined) return;
  await mkdir(plots, { recursive: true });
  for (const [name, svg] of await plotsOf(answers, judged)) await writeFile(join(plots, name), svg);
}

/** The table of the question whose rows say more than its goals. */
function growthTable(answers: readonly Answers[]): string[] {
  const grown = answers.filter(({ question }) => question.name === growth.name);
  return grown.length === 0 ? [] : [markdownTable(growth, grown)];
}

/** Without it the figures say nothing. */
function circumstances(report: Report): string {
  const runs = runsOf(report);
  return [
    commandLineOf(runs),
    'Medians of interleaved rounds, each in a fresh master; ratios are paired within a round, [min..max].',
    ...explanations(runs.map(({ settings }) => settings)),
    ...machineLinesOf(runs).map((line) => `${line}.`),
  ].join('\n');
}
