import { setImmediate } from './immediate.js';

/** What `process.exit` calls last; Node's types do not have it. */
type Exiting = NodeJS.Process & { reallyExit(code: NodeJS.Process['exitCode']): never };

/** As it is when this is loaded: a task may put another in its place, as tests do. */
export const exit: NodeJS.Process['exit'] = process.exit.bind(process);

/**
 * Call when the process is about to exit. An 'exit' listener that throws stops that, and leaves a process that is of no use:
 * Node runs no `nextTick` any more, so nothing that is sent arrives. It ends in its next turn.
 */
export function exitForSure(): void {
  setImmediate(() => (process as Exiting).reallyExit(process.exitCode ?? 1));
}
