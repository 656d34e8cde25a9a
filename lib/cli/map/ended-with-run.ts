import { setTimeout as delay } from 'node:timers/promises';
import { WorkerLostError } from '../../index.js';
import { ENDING_SIGNALS } from '../interruption.js';

/** A signal to a whole process group may end a worker before the command hears of it; ms. */
const LATEST_MS = 1000;

/**
 * Whether an item is still to be done, since its worker got the signal that ends the run: from `timeout`, systemd, Slurm or a
 * terminal that closes, to the whole process group. One that was sent to a worker alone is a failure: the item may be what it
 * was sent for, as by a guard against want of memory.
 */
export async function endedWithRun(error: unknown, run: AbortSignal): Promise<boolean> {
  if (!(error instanceof WorkerLostError) || !ENDING_SIGNALS.some((signal) => signal === error.signal)) return false;
  try {
    await delay(LATEST_MS, undefined, { signal: run });
    return false;
  } catch {
    return true;
  }
}
