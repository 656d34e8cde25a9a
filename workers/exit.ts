import * as timers from 'node:timers';

/** What `process.exit` calls last; Node's types do not have it. */
type Exiting = NodeJS.Process & { reallyExit(code: NodeJS.Process['exitCode']): never };

/** As they are when this is loaded: a task may put others in their places, as tests do. */
const { setImmediate } = timers;
export const exit: NodeJS.Process['exit'] = process.exit.bind(process);

/**
 * To be called when the process is about to exit. A listener of 'exit' that throws stops that, and what is left is of no
 * use to anybody: Node runs no `nextTick` any more, so nothing that is sent arrives. It ends in its next turn.
 */
export function exitForSure(): void {
  setImmediate(() => (process as Exiting).reallyExit(process.exitCode ?? 1));
}
