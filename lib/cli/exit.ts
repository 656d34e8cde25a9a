/*
 * Modules of the user are imported in this program as well, and with `--async` tasks run in it. One of them may call
 * `process.exit(0)`, and the run would end as if all were done.
 */

/** What is said, and the exit code, where the program ends and the command has not asked for it. */
export interface Surprise {
  readonly words: string;
  readonly code: number;
  /** Called before it is said. */
  readonly before?: () => void;
}

const SURPRISE: Surprise = {
  words: 'the program was ended, by the module or a task (process.exit), before all was done',
  code: 1,
};

let surprise: Surprise | undefined = SURPRISE;

/** From now on the program ends well by `exit` alone. */
export function guardExit(): void {
  process.on('exit', () => {
    if (surprise === undefined) return;
    surprise.before?.();
    process.stderr.write(`forkpool: ${surprise.words}\n`);
    process.exitCode = surprise.code;
  });
}

/** Says this if the program ends while the work goes on. */
export async function during<T>(instead: Surprise, work: () => Promise<T>): Promise<T> {
  surprise = instead;
  try {
    return await work();
  } finally {
    surprise = SURPRISE;
  }
}

/** `process.exit` of the command itself. */
export function exit(code: number): never {
  surprise = undefined;
  process.exit(code);
}
