import { inspect } from 'node:util';

/** The class and message of an error; what else was thrown, as it is inspected. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 });
}
