import { interruption, unlessInterrupted } from '../interruption.js';
import { ReaderGone, stdoutSink, type Sink } from '../output/sink.js';
import { divertStdout } from '../stdout.js';
import { closeFiles, freshFiles, resumedFiles, type RunFiles } from './files.js';
import { lockFiles } from './locked-files.js';
import { makePool } from './make-pool.js';
import type { MapOptions } from './options.js';
import { planOf, type Plan } from './plan.js';
import { Session } from './session.js';

/** Runs `forkpool map`; rejects with the error that sets its exit code. */
export async function mapCommand(
  given: string | undefined,
  names: readonly string[],
  options: MapOptions,
): Promise<void> {
  const stdout = stdoutSink();
  const restore = divertStdout();
  // If nobody reads stderr any more, there is nobody to tell, and the work goes on.
  process.stderr.on('error', () => {});
  try {
    await map(given === undefined ? names : [given, ...names], options, stdout);
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
  } finally {
    restore();
  }
}

async function map(words: readonly string[], options: MapOptions, stdout: Sink): Promise<void> {
  const plan = await planOf(words, options);
  // Not sooner: while a module that it loads keeps this thread, no listener is called, and a signal has to end the program by itself.
  const signal = interruption();
  const unlock = await lockFiles(plan.names);
  try {
    await runPlan(plan, options, stdout, signal);
  } finally {
    unlock();
  }
}

async function runPlan(plan: Plan, options: MapOptions, stdout: Sink, signal: AbortSignal): Promise<void> {
  const pool = makePool(options, plan);
  try {
    const files = await unlessInterrupted(signal, filesOf(plan, options, stdout));
    try {
      await new Session(pool, plan, files, options).run(signal);
    } finally {
      await closeFiles(files);
    }
  } finally {
    await pool.terminate();
  }
}

async function filesOf({ names, fingerprint }: Plan, { resume }: MapOptions, stdout: Sink): Promise<RunFiles> {
  const { output } = names;
  // A plan that resumes has an output: `planOf` refuses any other.
  const isResumed = resume === true && output !== undefined;
  return isResumed ? resumedFiles({ ...names, output }, fingerprint, stdout) : freshFiles(names, fingerprint, stdout);
}
