import { TaskNotFoundError } from '../errors.js';
import type { FromSource } from './source.js';

export const USE_TASKS_FROM = "Name it by `tasksFrom(new URL('./its-module.js', import.meta.url)).itsName`";

/** That a function can be sent neither by its name nor as its text: what was tried, and what to do. */
export function cannotTravel(
  fn: object,
  url: string | undefined,
  why: Exclude<FromSource, { readonly reference: unknown }>,
): TaskNotFoundError {
  const where =
    url === undefined || url === '' ? 'and no module is seen to export it' : `and ${url} does not export it`;
  const reason =
    'captured' in why
      ? `it captures ${why.captured.map((name) => `\`${name}\``).join(', ')}, which a worker does not have`
      : `${why.unreadable}, so its text cannot be sent`;
  return new TaskNotFoundError(
    `Cannot send ${nameOf(fn)} to a worker: ${reason}, ${where}. ` +
      `Export it from a module, or pass what it needs as an argument. ${USE_TASKS_FROM} if a module exports it that was bundled or hidden`,
  );
}

export function nameOf(fn: object): string {
  const { name } = fn as { name: unknown };
  return typeof name === 'string' && name !== '' ? `the function \`${name}\`` : 'the function';
}
