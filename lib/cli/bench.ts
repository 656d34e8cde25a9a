import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  compare,
  prepareReport,
  renderReport,
  renderTable,
  type CompareOptions,
  type Comparison,
  type PoolKind,
} from '../bench.js';
import { readInput } from './bench/input.js';
import { showProgress } from './bench/progress.js';
import { during } from './exit.js';
import { identityOf } from './file-identity.js';
import { checkInitargs, functionFrom, functionOf } from './function.js';
import { inputFiles } from './input/input-files.js';
import { interruption, unlessInterrupted } from './interruption.js';
import { isPipe, mayBeFile } from './output/may-be-file.js';
import { FileSink, OutputError, pipeSink, ReaderGone, stdoutSink, type Sink } from './output/sink.js';
import { fromStart } from './start-folder.js';
import { divertStdout } from './stdout.js';
import type { AnyTask } from './task-function.js';
import { UsageError } from './usage-error.js';
import { duration, jsonArray, list, MOST, wholeFrom } from './values.js';

interface BenchOptions {
  readonly eval?: string;
  readonly input?: string;
  readonly lines?: true;
  readonly pools?: PoolKind[];
  readonly processes?: number[];
  readonly concurrency?: number[];
  readonly initializer?: string;
  readonly initargs?: unknown[];
  readonly finalizer?: string;
  readonly rounds: number;
  readonly time: number;
  readonly maxItems: number;
  readonly report?: string;
  readonly json?: true;
}

/** Each turn of a pool gets several times as many tasks. */
const MOST_AT_ONCE = 4096;
/** There is no time for more of them in a day. */
const MOST_ROUNDS = 10_000;

const EXAMPLES = `
Examples:
  forkpool bench ./tasks.js#resize items.jsonl
  ls *.jpg | forkpool bench ./tasks.js#resize - --lines --report report.html
  forkpool bench ./tasks.js#ask words.jsonl --initializer ./tasks.js#connect --initargs '["db.local"]'

Durations are written 30s, 5m or 1500ms.

Exit codes: 0 a verdict was reached; 1 it was not, since every task failed, one ended its process when it ran
alone or in an AsyncPool, or no worker could start, or it or the report could not be written; 2 the call was wrong;
130 Ctrl-C.`;

/** `forkpool bench`: which pool should run this function on these items? */
export function addBench(program: Command): void {
  const whole = wholeFrom(1);
  program
    .command('bench')
    .summary('tell IO-bound from CPU-bound work, and say which pool should run it')
    .description(
      'Runs a function on items one at a time and in every kind of pool, in several sizes, and says what kind of work it ' +
        'is and which pool should run it. A function with side effects has them many times.',
    )
    .argument('[function]', 'module and export, such as ./tasks.js#resize; the default export without a name')
    .argument('[input]', 'file of the items, one JSON value a line; - for stdin')
    .option('-e, --eval <function>', 'a function in place of a module, such as x => x * 2')
    .option('-i, --input <file>', 'the input, in place of the argument')
    .option('--lines', 'each line of the input is an item, as text')
    .option('--pools <kinds>', 'process, thread and async, with commas between them (default: all)', list(kind))
    .option('--processes <numbers>', 'numbers of workers to try, such as 1,2,4', list(wholeFrom(1, MOST.processes)))
    .option(
      '--concurrency <numbers>',
      'numbers of tasks at once in a worker to try, such as 1,16',
      list(wholeFrom(1, MOST_AT_ONCE)),
    )
    .option('--initializer <function>', 'called once in each worker, such as ./tasks.js#connect')
    .option('--initargs <json>', 'its arguments, as a JSON array', jsonArray)
    .option('--finalizer <function>', 'called once in each worker that leaves')
    .option('--rounds <number>', 'turns of each pool', wholeFrom(1, MOST_ROUNDS), 3)
    .addOption(
      new Option('--time <duration>', 'bound of it all: turns become shorter, and fewer, to keep it')
        .argParser(duration)
        .default(30_000, '30s'),
    )
    .option('--max-items <number>', 'items to use at most', whole, 10_000)
    .option('--report <file>', 'write a page with plots (needs the packages vega and vega-lite)')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', EXAMPLES)
    .action(bench);
}

async function bench(given: string | undefined, file: string | undefined, options: BenchOptions): Promise<void> {
  const words = [given, file].filter((word) => word !== undefined);
  const stdout = stdoutSink();
  const restore = divertStdout();
  let comparison: Comparison;
  let signal: AbortSignal;
  try {
    if (options.report !== undefined) await checkReport(options.report);
    const plan = await planOf(words, options);
    // Not sooner: while a module that it loads keeps this thread, no listener is called, and a signal has to end the program by itself.
    signal = interruption();
    comparison = await comparisonOf(plan, options, signal);
  } finally {
    restore();
  }
  // Printed before the page is written, which may fail: the disk may be full by now.
  await print(stdout, options.json === true ? JSON.stringify(comparison, null, 2) : renderTable(comparison));
  if (options.report === undefined) return;
  await unlessInterrupted(signal, writeReport(options.report, comparison));
  if (options.json !== true) await print(stdout, `The report is in ${fromStart(options.report)}`);
}

/** Whoever reads stdout may leave, as `head` does. @throws OutputError when it cannot be written: the disk may be full */
async function print(stdout: Sink, text: string): Promise<void> {
  await stdout.write(`${text}\n`).catch((error: unknown) => {
    if (!(error instanceof ReaderGone)) throw error;
  });
}

/** What a call of the command asks for, with its functions loaded. */
interface Plan {
  readonly fn: AnyTask;
  readonly worker: Pick<CompareOptions, 'initializer' | 'initargs' | 'finalizer'>;
  readonly file: string;
}

/** `words`: the arguments; without `--eval`, the first names the function. */
async function planOf(words: readonly string[], options: BenchOptions): Promise<Plan> {
  checkInitargs(options);
  const file = inputOf(options.eval === undefined ? words.slice(1) : words, options);
  const { fn } = await (options.eval === undefined ? functionOf(words[0]) : functionFrom(options.eval, 'workers'));
  const worker = {
    initializer: options.initializer === undefined ? undefined : (await functionOf(options.initializer)).fn,
    initargs: options.initargs,
    finalizer: options.finalizer === undefined ? undefined : (await functionOf(options.finalizer)).fn,
  };
  if (options.report !== undefined) await checkApart(options.report, file);
  return { fn, worker, file };
}

async function comparisonOf(
  { fn, worker, file }: Plan,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<Comparison> {
  const { pools, processes, concurrency, rounds, time, maxItems } = options;
  const input = await unlessInterrupted(signal, readInput(file, options.lines === true, maxItems));
  const itemName = (index: number): string => input.places[index] ?? '';
  const progress = showProgress();
  const sizes = { pools, processes, concurrency, rounds, time, maxItems };
  const surprise = { words: NO_VERDICT, code: 1, before: () => progress.stop() };
  try {
    return await during(surprise, () =>
      compare(fn, input.items, { ...worker, ...sizes, itemName, signal, onProgress: (so) => progress.tell(so) }),
    );
  } finally {
    progress.stop();
  }
}

const NO_VERDICT = (why: string): string =>
  `there is no verdict: ${why} has ended this program, by the module or by a task of an AsyncPool, which runs here. ` +
  'Leave that pool out with --pools process,thread, or the items that do so';

function inputOf(named: readonly string[], { input }: BenchOptions): string {
  const [file, another] = input === undefined ? named : [input, ...named];
  if (file === undefined) throw new UsageError('There is no input: name a file, or - for stdin');
  if (another !== undefined) throw new UsageError(`There is one input, got ${file} and ${another}`);
  return file;
}

/** Keeps a report from overwriting the items that it tells of. */
async function checkApart(report: string, file: string): Promise<void> {
  const identity = identityOf(fromStart(report));
  const input = (await inputFiles([file])).find(({ path }) => identityOf(path ?? 0) === identity);
  if (input !== undefined && identity !== undefined)
    throw new UsageError(`--report ${report} is the input ${input.name}`);
}

/** Finds out at once, not after half a minute, that a report cannot be made. */
async function checkReport(file: string): Promise<void> {
  try {
    await prepareReport();
    // The reader of a pipe would take a first opening and closing for its end.
    if (await mayBeFile(file)) await FileSink.check(file);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function writeReport(file: string, comparison: Comparison): Promise<void> {
  const page = await renderReport(comparison);
  const path = fromStart(file);
  if (await isPipe(path)) {
    await (await pipeSink(path)).write(page);
    return;
  }
  await writeFile(path, page).catch((error: NodeJS.ErrnoException) => {
    throw new OutputError(file, error);
  });
}

function kind(text: string): PoolKind {
  if (text === 'process' || text === 'thread' || text === 'async') return text;
  throw new InvalidArgumentError(`Expected process, thread or async, got \`${text}\`.`);
}
