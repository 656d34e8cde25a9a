import { constants } from 'node:os';
import { CommandError } from './command-error.js';
import { exit } from './exit.js';

/** Signals by which the user, or the system, asks a program to end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The user, or the system, wants the command to end. The exit code is that of a program which the signal has ended. */
export class Interrupted extends CommandError {
  override readonly name = 'Interrupted';

  constructor(signal: (typeof ENDING_SIGNALS)[number]) {
    super(`Interrupted by ${signal}`, 128 + constants.signals[signal]);
  }
}

/**
 * Signals within this many ms are one wish: GNU `timeout` sends its own to the command and then to the group it is in, and npm
 * hands on the Ctrl-C that the terminal has sent to everybody.
 */
const SAME_WISH_MS = 500;

/** Returns a signal that Ctrl-C and the like abort with an Interrupted. A second request ends the program at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let askedAt = 0;
  for (const name of ENDING_SIGNALS) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (!controller.signal.aborted) askedAt = performance.now();
      else if (performance.now() - askedAt > SAME_WISH_MS) exit(interrupted.exitCode);
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}

/** Waits for something that has not begun, and no longer than until the signal: what it leaves ends with the program. */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let interrupt = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(signal.reason as Interrupted);
  });
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
