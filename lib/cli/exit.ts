import { visible } from './visible.js';

/*
 * Modules of the user are imported in this program as well, and with `--async` tasks run in it. One of them may call
 * `process.exit(0)`, and the run would end as if all were done.
 */

/** The message and the exit code when the program ends without the command asking for it. */
export interface Surprise {
  readonly words: (why: string) => string;
  readonly code: number;
  /** Called before the message is printed. */
  readonly before?: () => void;
}

const SURPRISE: Surprise = {
  words: (why) => `the program was ended, by the module or a task (${why}), before all was done`,
  code: 1,
};

let surprise: Surprise | undefined = SURPRISE;

/** With this code Node ends a program in which nothing is left that an `await` could wait for. */
const UNSETTLED = 13;

/** From now on only `exit` ends the program without an error. */
export function guardExit(): void {
  let why = 'process.exit';
  process.on('uncaughtExceptionMonitor', () => {
    // A module that handles it goes on.
    if (process.listenerCount('uncaughtException') === 0) why = 'an uncaught error';
  });
  process.on('exit', () => {
    if (process.exitCode === UNSETTLED) why = 'a wait for what never comes';
    if (surprise === undefined) return;
    surprise.before?.();
    process.stderr.write(`forkpool: ${visible(surprise.words(why))}\n`);
    process.exitCode = surprise.code;
  });
}

/** Says `instead` if the program ends during the work. */
export async function during<T>(instead: Surprise, work: () => Promise<T>): Promise<T> {
  const before = surprise;
  surprise = instead;
  try {
    return await work();
  } finally {
    surprise = before;
  }
}

/** `process.exit` of the command itself. */
export function exit(code: number): never {
  surprise = undefined;
  process.exit(code);
}
