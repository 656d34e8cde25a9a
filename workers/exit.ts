import * as timers from 'node:timers';

/** What `process.exit` calls last; Node's types do not have it. */
type Exiting = NodeJS.Process & { reallyExit(code: NodeJS.Process['exitCode']): never };

/** Captured at load: a task may put others in their places, as tests do. */
const { setImmediate } = timers;
export const exit: NodeJS.Process['exit'] = process.exit.bind(process);

/**
 * Call when the process is about to exit. An 'exit' listener that throws stops that, and leaves a process that is of no use:
 * Node runs no `nextTick` any more, so nothing that is sent arrives. It ends in its next turn.
 */
export function exitForSure(): void {
  setImmediate(() => (process as Exiting).reallyExit(process.exitCode ?? 1));
}
