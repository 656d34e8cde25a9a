import { setTimeout as delay } from 'node:timers/promises';
import { WorkerLostError } from '../../index.js';
import { ENDING_SIGNALS } from '../interruption.js';

/** A signal to a whole process group may end a worker up to this many ms before the command hears of it. */
const LATEST_MS = 1000;

/** Whether an item's worker was ended by a signal that may have been sent to the whole run. */
export function mayHaveEndedWithRun(error: unknown): boolean {
  return error instanceof WorkerLostError && ENDING_SIGNALS.some((signal) => signal === error.signal);
}

/**
 * Whether such an item is still to be done, since its worker got the signal that ends the run: from `timeout`, systemd, Slurm or
 * a terminal that closes, to the whole process group. A signal to a worker alone is a failure: the item may be the reason, as
 * when it came from a guard that ends processes before memory runs out.
 */
export async function endedWithRun(run: AbortSignal): Promise<boolean> {
  try {
    await delay(LATEST_MS, undefined, { signal: run });
    return false;
  } catch {
    return true;
  }
}
