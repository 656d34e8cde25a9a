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

/** GNU `timeout` sends its signal to the command, and again to the group it is in: that is one wish. */
const TWICE_MS = 1000;

/** Aborted by Ctrl-C and the like, with an Interrupted. Asked a second time, the program ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  for (const name of ENDING_SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (!controller.signal.aborted) since = performance.now();
      // Nobody but a user sends SIGINT, who means it.
      else if (name === 'SIGINT' || performance.now() - since > TWICE_MS) process.exit(interrupted.exitCode);
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}
