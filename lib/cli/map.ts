import { Option, type Command } from 'commander';
import { mapCommand } from './map/command.js';
import { another, duration, file, jsonArray, MOST, size, variable, wholeFrom } from './values.js';

/** For a terminal of 80 columns, as the rest of the help. */
const EXAMPLES = `
Input is JSON lines, if nothing else is said, from the files (or quoted globs)
that are named, or from stdin. Output is JSON lines, in the order of the input.
What tasks print goes to stderr.

Examples:
  forkpool map ./compress.js#brotli files.jsonl --output done.jsonl \\
    --errors failed.jsonl --on-error skip --resume
  find . -name '*.svg' -print0 | forkpool map ./minify.js --nul > sizes.jsonl
  seq 10 | forkpool map -e 'x => x * 2'

Durations are written 30s, 5m or 1500ms, sizes 800M or 1.5G.
Ctrl-C finishes what runs; a second one stops at once.

Exit codes:
  0    all is done, or the reader of stdout has gone
  1    items failed, or the output could not be written
  2    the call, the input or the module is wrong, a resume was refused, or
       another run writes to the output
  130  Ctrl-C (143: SIGTERM, 129: SIGHUP): not all is done`;

/** `forkpool map`: a function on every item of an input, on all CPUs. */
export function addMap(program: Command): void {
  const whole = wholeFrom(1);
  program
    .command('map')
    .summary('run a function on every item of an input, on all CPUs')
    .description('Runs a function on every item of an input, in a pool of processes, and writes a line for each.')
    .argument('[function]', 'module and export, such as ./tasks.js#resize; the default export without a name')
    .argument('[files...]', 'files of the input, and globs in quotes; - for stdin')
    .option('-e, --eval <function>', 'a function in place of a module, such as x => x * 2')
    .option('-i, --input <file>', 'more files of the input; may be given again', another)
    .addOption(new Option('--lines', 'each line of the input is an item, as text').conflicts(['csv', 'nul']))
    .addOption(new Option('--csv', 'the input is CSV with headers; an item is an object').conflicts(['lines', 'nul']))
    .addOption(new Option('--nul', 'items are texts that end with NUL, as of find -print0').conflicts(['lines', 'csv']))
    .option('-o, --output <file>', 'write there, with a journal beside it (default: stdout)', file)
    .option('--unordered', 'lines as items finish, as {"index", "value"}')
    .addOption(
      new Option('--on-error <how>', 'when an item fails: stop, skip its line, or collect its error in its line')
        .choices(['stop', 'skip', 'collect'])
        .default('stop'),
    )
    .option('--errors <file>', 'write index, item and the whole error of items that fail there', file)
    .option('--resume', 'go on where an earlier run with this output has stopped')
    .option('--shard <n/of>', 'only a part of the input, such as 2/8; /8 in an indexed Kubernetes Job or a Slurm array')
    .option('-q, --quiet', 'no progress and no summary')
    .option('-p, --processes <number>', 'number of workers (default: the CPUs there are)', wholeFrom(1, MOST.processes))
    .addOption(new Option('--threads', 'workers are threads').conflicts('async'))
    .addOption(
      new Option('--async', 'all tasks run in this process, for work that waits').conflicts([
        'threads',
        'maxMemory',
        'env',
      ]),
    )
    .option('--concurrency <number>', 'tasks that a worker runs at once (default: 1)', wholeFrom(1, MOST.concurrency))
    .option('--chunksize <number>', 'at most so many items travel together (default: adapts)', whole)
    .option('--maxtasksperchild <number>', 'a worker leaves after so many items, and is replaced', whole)
    .option('--max-memory <size>', 'a worker that has more after an item is replaced', size)
    .option('--timeout <duration>', 'an item that takes longer fails', duration)
    .option('--retries <number>', 'an item whose worker died runs again so often (default: 0)', wholeFrom(0))
    .option('--initializer <function>', 'called once in each worker, such as ./tasks.js#connect')
    .option('--initargs <json>', 'its arguments, as a JSON array', jsonArray)
    .option('--finalizer <function>', 'called once in each worker that leaves')
    .option('--env <name=value>', 'a variable for the workers; may be given again', variable)
    .addHelpText('after', EXAMPLES)
    .action(mapCommand);
}
