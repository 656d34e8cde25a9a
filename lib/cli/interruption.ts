import { constants } from 'node:os';
import { CommandError } from './command-error.js';

/** By which the user, or the system, asks a program to end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** The exit code of a program which the signal has ended. */
export function exitCodeOf(signal: EndingSignal): number {
  return 128 + constants.signals[signal];
}

/** The user, or the system, wants the command to end. */
export class Interrupted extends CommandError {
  override readonly name = 'Interrupted';

  constructor(signal: EndingSignal) {
    super(`Interrupted by ${signal}`, exitCodeOf(signal));
  }
}

/** Aborted by Ctrl-C and the like, with an Interrupted. Asked a second time, the program ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ENDING_SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (controller.signal.aborted) process.exit(interrupted.exitCode);
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}
