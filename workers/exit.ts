/** What `process.exit` calls last; Node's types do not have it. */
type Exiting = NodeJS.Process & { reallyExit(code: NodeJS.Process['exitCode']): never };

/**
 * To be called when the process is about to exit. A listener of 'exit' that throws stops that, and what is left is of no
 * use to anybody: Node runs no `nextTick` any more, so nothing that is sent arrives. It ends in its next turn.
 */
export function exitForSure(): void {
  setImmediate(() => (process as Exiting).reallyExit(process.exitCode ?? 1));
}
