import { exit } from './exit.js';

/**
 * Calls back with each error that nobody caught; `die` ends this worker. Listeners that a task or a module has added, such as
 * those of a logger, are called in any case: Node calls them after this one, so before a death this does.
 */
export function onUncaught(callback: (error: unknown, die: () => void) => void): void {
  const listener: NodeJS.UncaughtExceptionListener = (error, origin) =>
    callback(error, () => {
      try {
        const all = process.listeners('uncaughtException');
        for (const later of all.slice(all.indexOf(listener) + 1)) Reflect.apply(later, process, [error, origin]);
      } finally {
        exit(1);
      }
    });
  process.on('uncaughtException', listener);
}
