import { TaskNotFoundError } from '../errors.js';
import type { FromSource } from './source.js';
import type { UnknownThis } from './this.js';

export const TASKS_FROM = "`tasksFrom(new URL('./its-module.js', import.meta.url)).itsName`";

/** The error for a function that can be sent neither by its name nor as its text: what was tried, and what to do. */
export function cannotTravel(fn: object, url: string | undefined, why: Refused): TaskNotFoundError {
  return new TaskNotFoundError(
    `Cannot send ${nameOf(fn)} to a worker: ${reasonOf(why, url)}. ${cureOf(why)} ` +
      `If a module exports it, but was bundled or hides it: ${TASKS_FROM}, or \`.default\``,
  );
}

/** The error for a function that cannot be called even within this program. */
export function cannotBeCalled(fn: object, why: UnknownThis): TaskNotFoundError {
  return new TaskNotFoundError(`Cannot call ${nameOf(fn)}: ${why.method}. ${cureOf(why)}`);
}

type Refused = Exclude<FromSource, { readonly reference: unknown }>;

function reasonOf(why: Refused, url: string | undefined): string {
  if ('method' in why) return why.method;
  const where =
    url === undefined || url === '' ? 'and no module is seen to export it' : `and ${url} is not seen to export it`;
  if ('unreadable' in why) return `${why.unreadable}, so its text cannot be sent, ${where}`;
  return `it captures ${why.captured.map((name) => `\`${name}\``).join(', ')}, which a worker does not have, ${where}`;
}

/** In a script of one file, a captured variable is often an import. */
function cureOf(why: Refused): string {
  if ('method' in why) return 'Export the object that it belongs to, or pass that as an argument.';
  if ('unreadable' in why) return 'Export it from a module, or write it as a function that needs none of that.';
  return "Export it from a module, pass what it needs as an argument, or import that within it: `(await import('node:fs'))`.";
}

export function nameOf(fn: object): string {
  const { name } = fn as { name: unknown };
  return typeof name === 'string' && name !== '' ? `the function \`${name}\`` : 'the function';
}
