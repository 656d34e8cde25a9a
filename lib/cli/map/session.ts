import { PoolTerminatedError, type Pool } from '../../index.js';
import { CommandError } from '../command-error.js';
import { visible } from '../visible.js';
import { Admission } from './admission.js';
import { cpuTime } from './cpu-time.js';
import type { FileNames, RunFiles } from './files.js';
import { ItemStream, placeOf } from './item-stream.js';
import type { MapOptions } from './options.js';
import type { Plan } from './plan.js';
import { showMapProgress, type ProgressLine } from './progress.js';
import { RefusedResume } from './refused-resume.js';
import { resumeCommand } from './resume-command.js';
import { Run } from './run.js';
import { summaryText } from './summary.js';
import { TaskTimes } from './task-times.js';
import { items } from './words.js';
import { WorkersAtWork } from './workers-at-work.js';
import { Writer } from './writer.js';

/** A run with all that it needs open. */
export class Session {
  readonly #pool: Pool;
  readonly #files: RunFiles;
  readonly #names: FileNames;
  readonly #options: MapOptions;
  readonly #admission: Admission;
  readonly #stream: ItemStream;
  readonly #writer: Writer;
  readonly #run: Run;
  readonly #times: TaskTimes;
  /** Items that earlier runs have done. */
  readonly #before: number;
  readonly #began = performance.now();
  /** After a signal, when nothing was left but what had not begun. */
  #isGivenUp = false;

  constructor(pool: Pool, plan: Plan, files: RunFiles, options: MapOptions) {
    this.#pool = pool;
    this.#files = files;
    this.#names = plan.names;
    this.#options = options;
    this.#before = files.done.size;
    const admission = (this.#admission = new Admission(pool.processes * (options.concurrency ?? 1)));
    const stream = (this.#stream = new ItemStream({
      ...plan,
      isJournalled: files.journal !== undefined,
      done: files.done,
      before: files.before,
      admission,
    }));
    // A run that cannot write has nothing to wait for.
    const onFailure = (): void => void pool.terminate();
    const writer = (this.#writer = new Writer({
      ...files,
      prefix: (records: number) => stream.prefix(records),
      onFailure,
    }));
    const times = (this.#times = new TaskTimes((nth) => {
      const item = stream.given(nth);
      return item && placeOf(item);
    }));
    this.#run = new Run({
      pool,
      fn: plan.fn.fn,
      stream,
      admission,
      times,
      writer,
      order: options.unordered === true ? 'as they finish' : 'of the input',
      onError: options.onError,
      chunksize: options.chunksize,
    });
  }

  /** Rejects with the error that sets the exit code, when all that finished is written. */
  async run(signal: AbortSignal): Promise<void> {
    let atWork: WorkersAtWork | undefined;
    const finishUp = (): void => {
      atWork = new WorkersAtWork(this.#pool, () => this.#giveUp());
      this.#finishUp(atWork);
    };
    signal.addEventListener('abort', finishUp);
    if (signal.aborted) finishUp();
    const progress = this.#showProgress();
    try {
      await this.#runAndWrite(signal);
      await this.#pool.close();
    } catch (error) {
      this.#tellHowToGoOn(error);
      throw error;
    } finally {
      progress.stop();
      atWork?.stop();
      signal.removeEventListener('abort', finishUp);
    }
    if (this.#options.quiet !== true) process.stderr.write(visible(this.#summary()));
    // A signal that came when there was nothing more to begin has cut nothing off.
    const isCut = signal.aborted && !(this.#stream.ended && this.#notDone === 0);
    if (isCut || this.#run.state !== 'running') this.#tellHowToGoOn(signal.reason);
    if (isCut) signal.throwIfAborted();
    this.#checkOutcome();
  }

  /** A run without a journal cannot be resumed, and one that was refused has said what to do. */
  #tellHowToGoOn(because: unknown): void {
    if (this.#files.journal === undefined || because instanceof RefusedResume) return;
    process.stderr.write(`forkpool: to go on, run: ${resumeCommand(process.argv.slice(2))}\n`);
  }

  #finishUp(atWork: WorkersAtWork): void {
    this.#stream.stop();
    if (atWork.areGone && this.#admission.inFlight > 0) return this.#giveUp();
    const running = items(this.#admission.inFlight);
    process.stderr.write(`forkpool: finishing what runs (${running}); a second time stops at once\n`);
  }

  /** What is in flight has not begun: its workers are loading, or waiting for, what may never come. */
  #giveUp(): void {
    this.#isGivenUp = true;
    void this.#pool.terminate();
  }

  /** Items that were let in and have no outcome, since their workers were ended with the run, or never began them. */
  get #notDone(): number {
    return this.#run.notDone + (this.#isGivenUp ? this.#admission.inFlight : 0);
  }

  async #runAndWrite(signal: AbortSignal): Promise<void> {
    try {
      await this.#run.run(signal);
    } catch (error) {
      if (!(this.#isGivenUp && error instanceof PoolTerminatedError)) throw error;
    } finally {
      // If nothing can be written, the pool is terminated, and this rejects with what went wrong.
      await this.#writeRest();
    }
  }

  async #writeRest(): Promise<void> {
    const { errors } = this.#files;
    await this.#writer.end();
    await errors.write(this.#run.unsettled);
    await errors.sync();
  }

  /** Shows nothing if results go to the terminal: these say how far the run is. */
  #showProgress(): ProgressLine {
    const isSeen = this.#names.output === undefined && process.stdout.isTTY;
    if (this.#options.quiet === true || isSeen) return { stop() {} };
    return showMapProgress(() => ({
      done: this.#run.done,
      failed: this.#run.failed,
      before: this.#before,
      inFlight: this.#admission.inFlight,
      read: this.#stream.share,
      stats: this.#pool.stats(),
    }));
  }

  #summary(): string {
    const { done, failed, firstFailure } = this.#run;
    const { mean, count } = this.#pool.stats().runTime;
    return summaryText({
      done,
      failed,
      notDone: this.#notDone,
      before: this.#before,
      wall: performance.now() - this.#began,
      cpu: cpuTime(),
      running: mean * count,
      slowest: this.#times.slowest,
      firstFailure,
    });
  }

  #checkOutcome(): void {
    const { state, failed, firstFailure = '' } = this.#run;
    if (state === 'stopped by a failure') throw new CommandError(`Stopped, since an item failed. ${firstFailure}`, 1);
    const all = failed + this.#files.failed;
    if (all > 0) throw new CommandError(`${items(all)} failed`, 1);
  }
}
