import spinner from 'yocto-spinner';
import type { PoolStats } from '../../index.js';
import { count, rate, time } from './words.js';

/** How far a run is. */
export interface MapProgress {
  /** Items of this run that have an outcome, those that failed included. */
  readonly done: number;
  readonly failed: number;
  /** Items that earlier runs have done. */
  readonly before: number;
  /** Items that were read and have no outcome. */
  readonly inFlight: number;
  /** The share of the input that was read, if its size is known. */
  readonly read: number | undefined;
  readonly stats: PoolStats;
}

export interface ProgressLine {
  stop(): void;
}

const REDRAW_MS = 200;
const FIRST_LINE_MS = 10_000;
const LONGEST_PAUSE_MS = 60_000;

/** A line on the terminal that says how far the run is; if stderr is not a terminal, a plain line now and then. */
export function showMapProgress(now: () => MapProgress): ProgressLine {
  const { stderr, env } = process;
  const isTerminal = stderr.isTTY && env['TERM'] !== 'dumb' && !('CI' in env);
  const told = teller();
  return isTerminal ? redrawn(() => told(now())) : printed(() => told(now()));
}

/** Words for the progress. Rate and time left are those of this run: what an earlier one did says nothing about it. */
function teller(): (progress: MapProgress) => string {
  const begun = performance.now();
  let first: { readonly at: number; readonly share: number } | undefined;
  return (progress) => {
    const { done, failed, stats } = progress;
    const share = shareOf(progress);
    const now = performance.now();
    if (share !== undefined) first ??= { at: now, share };
    const { workers, replaced } = stats;
    const gone = sum(replaced);
    return [
      `${count(done)} done`,
      ...(failed > 0 ? [`${count(failed)} failed`] : []),
      rate((done * 1000) / Math.max(1, now - begun)),
      ...(first !== undefined && share !== undefined && share > first.share
        ? [`${time(((now - first.at) * (1 - share)) / (share - first.share))} left`]
        : []),
      `${workers.busy}/${sum(workers)} busy`,
      ...(gone > 0 ? [`${count(gone)} replaced`] : []),
    ].join(', ');
  };
}

/** The share of the input that is done; unknown before this run has an outcome, since what it skips is read in no time. */
function shareOf({ done, before, inFlight, read }: MapProgress): number | undefined {
  const all = before + done;
  return read === undefined || done === 0 ? undefined : (read * all) / (all + inFlight);
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((total, number) => total + number, 0);
}

/** `⠋ `, and a place where the cursor stands: a terminal wraps a line that is full. */
const COLUMNS_AROUND = 3;

function redrawn(text: () => string): ProgressLine {
  const { stderr } = process;
  const fitted = (): string => text().slice(0, Math.max(0, (stderr.columns || 80) - COLUMNS_AROUND));
  let shown = '';
  // Signals are ours: the spinner would end the program under its workers.
  const line = spinner({ text: '', stream: stderr, handleSignals: false }).start();
  const draw = (): void => void (line.text = shown = fitted());
  // A terminal that became narrower has wrapped the line. The spinner is stopped, since it would take what is written meanwhile
  // for the words of a task.
  const resized = (): void => {
    line.stop();
    const rows = Math.ceil((shown.length + COLUMNS_AROUND - 1) / Math.max(1, stderr.columns));
    if (rows > 1) stderr.moveCursor(0, 1 - rows);
    stderr.clearScreenDown();
    shown = fitted();
    line.start(shown);
  };
  const stop = (): void => {
    clearInterval(timer);
    stderr.off('resize', resized);
    process.off('exit', stop);
    line.stop();
  };
  const timer = setInterval(draw, REDRAW_MS);
  stderr.on('resize', resized);
  process.on('exit', stop);
  draw();
  return { stop };
}

function printed(text: () => string): ProgressLine {
  let pause = FIRST_LINE_MS;
  const print = (): void => {
    process.stderr.write(`forkpool: ${text()}\n`);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    timer = setTimeout(print, pause);
  };
  let timer = setTimeout(print, pause);
  text();
  return { stop: () => clearTimeout(timer) };
}
