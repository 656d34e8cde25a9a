import { constants } from 'node:os';
import { CommandError } from './command-error.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The user, or the system, wants the command to end. The exit code is that of a program which the signal has ended. */
export class Interrupted extends CommandError {
  override readonly name = 'Interrupted';

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`Interrupted by ${signal}`, 128 + constants.signals[signal]);
  }
}

/** Aborted by Ctrl-C and the like, with an Interrupted. Asked a second time, the program ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (controller.signal.aborted) process.exit(interrupted.exitCode);
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}
