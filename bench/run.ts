import { usage, wantedOf, type Wanted, type WantedAgain, type WantedFaults } from './command-line.js';
import { contenders } from './contenders.js';
import { faultRows, faultTable } from './faults/matrix.js';
import { currentLoad, machine, machineLine } from './machine.js';
import { installPeers } from './peers.js';
import { answersOf, readReports, reported, runsOf, written, type Report } from './report.js';
import { interleaved, type Answers } from './rounds.js';
import { conclude, introduction, introductionOf, sayingFor, type Say } from './show.js';
import { exitOnSignals } from './signals.js';
import { table } from './table.js';

await main();

async function main(): Promise<void> {
  const wanted = understood(process.argv.slice(2));
  if (!wanted) return;
  exitOnSignals();
  if (wanted.is === 'again') return again(wanted);
  await installPeers();
  await (wanted.is === 'faults' ? faults(wanted) : bench(wanted));
}

/** What the command line asks to run; undefined if it asks for help or makes no sense. */
function understood(args: readonly string[]): ReturnType<typeof wantedOf> {
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

/** What becomes of tasks when something goes wrong: nothing is timed, so once is enough. */
async function faults({ contenders: asked }: WantedFaults): Promise<void> {
  console.log(`${machineLine(machine(contenders))}\n`);
  const rows = await faultRows(asked, (contender, { title }) => progress(`${contender.name}: ${title}`));
  progress('');
  console.log(faultTable(rows));
}

async function bench(wanted: Wanted): Promise<void> {
  const say = sayingFor(wanted.show);
  const here = machine(contenders);
  say(introduction(here, wanted));
  const answers = await answersTo(wanted, say);
  const report: Report = {
    date: new Date().toISOString(),
    machine: { ...here, loadAtEnd: currentLoad() },
    settings: { ...wanted.settings, rounds: wanted.rounds },
    args: process.argv.slice(2),
    answers: answers.map(reported),
  };
  say(`\nLoad at the end: ${report.machine.loadAtEnd}. Written: ${await written(report)}`);
  await conclude(report, answers, wanted.show);
}

async function answersTo({ questions, contendersFor, rounds, settings }: Wanted, say: Say): Promise<Answers[]> {
  const all: Answers[] = [];
  for (const question of questions) {
    const began = performance.now();
    const answers = await interleaved(question, contendersFor(question), rounds, settings, (round, turn) =>
      progress(`${question.name} ${turn.variant.name}, round ${round}: ${turn.contender.name}`),
    );
    progress('');
    all.push(...answers);
    say(`\n${table(question, answers)}\n(${Math.round((performance.now() - began) / 1000)} s)`);
  }
  return all;
}

/** Shows earlier runs as if they had just been made. */
async function again({ files, show }: WantedAgain): Promise<void> {
  const report = await readReports(files);
  const answers = answersOf(report);
  const say = sayingFor(show);
  say(introductionOf(runsOf(report)));
  for (const question of new Set(answers.map((each) => each.question))) {
    say(
      `\n${table(
        question,
        answers.filter((each) => each.question === question),
      )}`,
    );
  }
  await conclude(report, answers, show);
}

/** One line on a terminal, overwritten; elsewhere nothing. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
