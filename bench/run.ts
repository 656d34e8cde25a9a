import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { Settings } from './attempt.js';
import type { Contender } from './contenders/contender.js';
import { contenders } from './contenders.js';
import { faultRows, faultTable } from './faults/matrix.js';
import { faultContenders, type FaultContender } from './faults/pools.js';
import { currentLoad, machine, type Machine } from './machine.js';
import { installPeers } from './peers.js';
import { onOneCore } from './pinning.js';
import type { Question } from './question.js';
import { questions } from './questions.js';
import { interleaved, type Answers } from './rounds.js';
import { table } from './table.js';

const usage = `npm run bench -- [question…] [options]

npm run bench -- faults [--contender NAME] [--threads]     what becomes of tasks when something goes wrong

Questions: ${questions.map(({ name }) => name).join(', ')} (all, where none is named)

  --rounds N         how often each contender is asked (5)
  --workers N        workers of each pool (2)
  --contender NAME   only those whose name begins so; may be given several times
  --threads          also the pools of threads
  --unpinned         on any core, the questions too that are asked on one
  --timeout S        seconds from the start of a master to its answer (60)
  --json             the report as JSON on stdout instead of tables
  --help
`;

interface Wanted {
  readonly is: 'questions';
  readonly questions: readonly Question[];
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly settings: Settings;
  readonly json: boolean;
}

interface WantedFaults {
  readonly is: 'faults';
  readonly contenders: readonly FaultContender[];
}

await main();

async function main(): Promise<void> {
  const wanted = understood(process.argv.slice(2));
  if (!wanted) return;
  // The masters lead groups of their own, which a Ctrl-C at the terminal does not reach; our exit ends the running one.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await installPeers();
  await (wanted.is === 'faults' ? faults(wanted) : bench(wanted));
}

/** What the command line asks to run: nothing, where it asks for help or makes no sense. */
function understood(args: readonly string[]): Wanted | WantedFaults | undefined {
  try {
    const wanted = wantedOf(args);
    if (!wanted) console.log(usage);
    return wanted;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

function wantedOf(args: readonly string[]): Wanted | WantedFaults | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      workers: { type: 'string', default: '2' },
      contender: { type: 'string', multiple: true },
      threads: { type: 'boolean', default: false },
      unpinned: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.includes('faults')) {
    return { is: 'faults', contenders: chosen(faultContenders, values.contender, values.threads) };
  }
  return {
    is: 'questions',
    questions: positionals.length === 0 ? questions : positionals.map(questionCalled),
    contenders: chosen(contenders, values.contender, values.threads),
    rounds: positive('--rounds', values.rounds),
    settings: {
      workers: positive('--workers', values.workers),
      boundMs: positive('--timeout', values.timeout) * 1000,
      pinning: values.unpinned ? [] : onOneCore(),
    },
    json: values.json,
  };
}

function questionCalled(name: string): Question {
  const question = questions.find((each) => each.name === name);
  if (!question) throw new RangeError(`Expected a question, got \`${name}\``);
  return question;
}

function chosen<C extends { readonly name: string; readonly kind: string }>(
  all: readonly C[],
  names: readonly string[] | undefined,
  threads: boolean,
): readonly C[] {
  if (!names) return all.filter(({ kind }) => threads || !kind.endsWith('thread'));
  const stranger = names.find((prefix) => !all.some(({ name }) => name.startsWith(prefix)));
  if (stranger === undefined) return all.filter(({ name }) => names.some((prefix) => name.startsWith(prefix)));
  throw new RangeError(`Expected a contender (${all.map(({ name }) => name).join(', ')}), got \`${stranger}\``);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`Expected \`${option}\` to be a whole number from 1 up, got \`${text}\``);
  }
  return value;
}

/** What becomes of tasks when something goes wrong: nothing is timed, so once is enough. */
async function faults({ contenders: asked }: WantedFaults): Promise<void> {
  const { cpu, cores, system, versions } = machine(contenders);
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  console.log(`${cores} cores (${cpu}), ${system}; ${named.join(', ')}\n`);
  const rows = await faultRows(asked, (contender, { title }) => progress(`${contender.name}: ${title}`));
  progress('');
  console.log(faultTable(rows));
}

async function bench(wanted: Wanted): Promise<void> {
  const say = wanted.json ? console.error : console.log;
  const here = machine(wanted.contenders);
  say(introduction(wanted, here));

  const answers: Answers[] = [];
  for (const question of wanted.questions) {
    const answer = await interleaved(question, wanted.contenders, wanted.rounds, wanted.settings, (round, contender) =>
      progress(`${question.name}, round ${round} of ${wanted.rounds}: ${contender.name}`),
    );
    progress('');
    answers.push(answer);
    say(`\n${table(answer)}`);
  }

  const load = currentLoad();
  const report = JSON.stringify(reportOf(wanted, here, load, answers), undefined, 2);
  say(`\nLoad at the end: ${load}. Written: ${await written(report)}`);
  if (wanted.json) console.log(report);
}

function introduction({ rounds, settings }: Wanted, { cpu, cores, system, versions, load }: Machine): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cores} cores (${cpu}), ${system}, load ${load}; ${named.join(', ')}`,
    `${settings.workers} workers, ${rounds} interleaved rounds, a fresh master each: median [min..max].`,
    ...(settings.pinning.length === 0
      ? ['Nothing is pinned to one core: latencies are by chance of the scheduler.']
      : []),
    '"forkpool better": so many times, paired within a round. CPU: master by getrusage, its children by their threads\' schedstat.',
  ].join('\n');
}

/** One line on a terminal, overwritten; elsewhere nothing. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

function reportOf(wanted: Wanted, here: Machine, loadAtEnd: number, answers: readonly Answers[]): object {
  return {
    date: new Date().toISOString(),
    machine: { ...here, loadAtEnd },
    settings: { ...wanted.settings, rounds: wanted.rounds },
    answers: answers.map(({ question, contenders: rows }) => ({
      question: question.name,
      title: question.title,
      contenders: rows.map(({ contender, outcomes }) => ({ name: contender.name, kind: contender.kind, outcomes })),
    })),
  };
}

/** Into bench/results of the source tree, which git ignores. */
async function written(report: string): Promise<string> {
  const folder = new URL('../../bench/results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${new Date().toISOString().replaceAll(':', '-')}.json`, folder);
  await writeFile(file, `${report}\n`);
  return fileURLToPath(file);
}
