#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { PoolError } from '../index.js';
import { addBench } from './bench.js';
import { Interrupted } from './interruption.js';
import { UsageError } from './usage-error.js';

const program = new Command('forkpool')
  .description("Python's multiprocessing.Pool for Node.js")
  .exitOverride()
  .configureHelp({ sortOptions: false })
  .showHelpAfterError('(--help says more)');
addBench(program);

let code = 0;
try {
  await program.parseAsync();
} catch (error) {
  code = codeOf(error);
  if (!(error instanceof CommanderError)) console.error(`forkpool: ${messageOf(error)}`);
}
// The modules of the user may hold the program open: it ends when what it printed is out.
process.stdout.write('', () => process.exit(code));

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof UsageError ? 2 : 1;
}

/** Of what is not ours also where it came from. */
function messageOf(error: unknown): string {
  if (error instanceof PoolError || error instanceof UsageError || error instanceof Interrupted) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
