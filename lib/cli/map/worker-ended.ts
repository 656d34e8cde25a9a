import { WorkerLostError } from '../../index.js';
import { CommandError } from '../command-error.js';
import { ENDING_SIGNALS, exitCodeOf, type EndingSignal } from '../interruption.js';
import { items } from './words.js';

/** Items whose workers were ended, and which are still to be done. */
export interface NotDone {
  readonly count: number;
  /** Of the first that was told of; so is the place. */
  readonly signal: EndingSignal;
  readonly place: string;
}

/**
 * The signal that has ended the worker of an item, where somebody wanted it to end; undefined where the item has failed. Sent
 * to a whole process group, as by `timeout`, systemd, Slurm and a terminal that closes, it says nothing about the item.
 */
export function signalThatEnded(error: unknown): EndingSignal | undefined {
  return error instanceof WorkerLostError ? ENDING_SIGNALS.find((signal) => signal === error.signal) : undefined;
}

/** The run is over, and not all is done. The exit code is that of a run which the signal has interrupted. */
export class WorkerEnded extends CommandError {
  override readonly name = 'WorkerEnded';

  constructor({ count, signal, place }: NotDone) {
    super(`${items(count)} not done: ${signal} ended the worker of ${place}`, exitCodeOf(signal));
  }
}
