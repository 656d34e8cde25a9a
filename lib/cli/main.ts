#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { PoolError } from '../index.js';
import { addBench } from './bench.js';
import { CommandError } from './command-error.js';
import { exit, guardExit } from './exit.js';
import { addMap } from './map.js';
import { OutputError } from './output/sink.js';
import { visible } from './visible.js';

/** Found by the package's name, since this code may be in any of its files. */
const { version } = createRequire(import.meta.url)('forkpool/package.json') as { version: string };

const program = new Command('forkpool')
  .description("Python's multiprocessing.Pool for Node.js")
  .version(version)
  .exitOverride()
  .configureHelp({ sortOptions: false })
  .showHelpAfterError('(--help says more)');
addMap(program);
addBench(program);

guardExit();
process.stdout.on('error', () => {});
let code = 0;
try {
  await program.parseAsync();
} catch (error) {
  code = codeOf(error);
  if (!(error instanceof CommanderError)) console.error(`forkpool: ${visible(reportOf(error))}`);
}
// The user's modules may hold the program open, so it exits once what it printed is out.
process.stdout.write('', () => {
  const { errored } = process.stdout as { readonly errored?: NodeJS.ErrnoException | null };
  // Whoever reads it may leave, as `head` does; what a subcommand could not write has set its code.
  if (code === 0 && errored && errored.code !== 'EPIPE') {
    console.error(`forkpool: ${new OutputError('stdout', errored).message}`);
    code = 1;
  }
  exit(code);
});

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof CommandError ? error.exitCode : 1;
}

/** What is said of an error that ends the command: its message, or its stack if it is not ours. */
function reportOf(error: unknown): string {
  if (error instanceof PoolError || error instanceof CommandError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
