import { access, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import {
  compare,
  prepareReport,
  renderReport,
  renderTable,
  type CompareOptions,
  type Comparison,
  type PoolKind,
} from '../bench.js';
import { readInput } from './input.js';
import { interruption } from './interruption.js';
import { showProgress } from './progress.js';
import { divertStdout } from './stdout.js';
import { taskFunction } from './task-function.js';
import { UsageError } from './usage-error.js';

interface BenchOptions {
  readonly input: string;
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

const EXAMPLES = `
Examples:
  forkpool bench ./tasks.js#resize --input items.jsonl
  ls *.jpg | forkpool bench ./tasks.js#resize --input - --lines --report report.html
  forkpool bench ./tasks.js#ask --input words.jsonl --initializer ./tasks.js#connect --initargs '["db.local"]'

Exit codes: 0 a verdict was reached; 1 it was not, since every task failed or no worker could start;
2 the call was wrong; 130 Ctrl-C.`;

/** `forkpool bench`: which pool should run this function on these items? */
export function addBench(program: Command): void {
  program
    .command('bench')
    .summary('tell IO-bound from CPU-bound work, and say which pool should run it')
    .description(
      'Runs a function on items one at a time and in every kind of pool, in several sizes, and says what kind of work it ' +
        'is and which pool should run it. A function that has effects has them many times.',
    )
    .argument('<function>', 'module and export, as ./tasks.js#resize; the default export without a name')
    .requiredOption('--input <file>', 'items, one JSON value a line; - for stdin')
    .option('--lines', 'each line of the input is an item, as text')
    .option('--pools <kinds>', 'process, thread and async, with commas between them (default: all)', list(kind))
    .option('--processes <numbers>', 'numbers of workers to try, as 1,2,4', list(whole))
    .option('--concurrency <numbers>', 'numbers of tasks at once in a worker to try, as 1,16', list(whole))
    .option('--initializer <function>', 'called once in each worker, as ./tasks.js#connect')
    .option('--initargs <json>', 'its arguments, as a JSON array', initargs)
    .option('--finalizer <function>', 'called once in each worker that leaves')
    .option('--rounds <number>', 'turns of each pool', whole, 3)
    .option('--time <ms>', 'bound of it all: turns become shorter, and fewer, to keep it', whole, 30_000)
    .option('--max-items <number>', 'items to use at most', whole, 10_000)
    .option('--report <file>', 'write a page with plots (needs the packages vega and vega-lite)')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', EXAMPLES)
    .action(bench);
}

async function bench(name: string, options: BenchOptions): Promise<void> {
  const signal = interruption();
  const restore = divertStdout();
  let comparison: Comparison;
  try {
    if (options.report !== undefined) await checkReport(options.report);
    comparison = await comparisonOf(name, options, signal);
  } finally {
    restore();
  }
  if (options.report !== undefined) await writeFile(options.report, await renderReport(comparison));
  console.log(options.json === true ? JSON.stringify(comparison, null, 2) : textOf(comparison, options.report));
}

async function comparisonOf(name: string, options: BenchOptions, signal: AbortSignal): Promise<Comparison> {
  const { pools, processes, concurrency, initargs: args, rounds, time, maxItems } = options;
  const { fn } = await taskFunction(name);
  const worker: Pick<CompareOptions, 'initializer' | 'initargs' | 'finalizer'> = {
    initializer: options.initializer === undefined ? undefined : (await taskFunction(options.initializer)).fn,
    initargs: args,
    finalizer: options.finalizer === undefined ? undefined : (await taskFunction(options.finalizer)).fn,
  };
  const input = await readInput(options.input, options.lines === true, maxItems);
  const itemName = (index: number): string => `${input.name}:${input.lines[index]}`;
  const progress = showProgress();
  try {
    const sizes = { pools, processes, concurrency, rounds, time, maxItems };
    return await compare(fn, input.items, {
      ...worker,
      ...sizes,
      itemName,
      signal,
      onProgress: (so) => progress.tell(so),
    });
  } finally {
    progress.stop();
  }
}

/** A report that cannot be made should not be found out after half a minute. */
async function checkReport(file: string): Promise<void> {
  await prepareReport().catch((error: Error) => {
    throw new UsageError(error.message, { cause: error });
  });
  const folder = dirname(resolve(file));
  await access(folder).catch(() => {
    throw new UsageError(`Cannot write the report ${file}: there is no folder ${folder}`);
  });
}

function textOf(comparison: Comparison, report: string | undefined): string {
  const written = report === undefined ? '' : `\nThe report is in ${resolve(report)}`;
  return `${renderTable(comparison)}${written}`;
}

function list<T>(each: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((part) => each(part.trim()));
}

function whole(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 1 up, got \`${text}\`.`);
}

function kind(text: string): PoolKind {
  if (text === 'process' || text === 'thread' || text === 'async') return text;
  throw new InvalidArgumentError(`Expected process, thread or async, got \`${text}\`.`);
}

function initargs(text: string): unknown[] {
  try {
    const args: unknown = JSON.parse(text);
    if (Array.isArray(args)) return args as unknown[];
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(`Expected a JSON array, got \`${text}\`.`);
}
