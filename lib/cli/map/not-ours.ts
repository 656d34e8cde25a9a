import { shownName } from '../start-folder.js';
import { UsageError } from '../usage-error.js';

/** What stands beside an output, under the name that its lock or its journal would have, is a file of somebody else's. */
export function notOurs(name: string, what: 'lock' | 'journal', file: string): UsageError {
  return new UsageError(
    `Cannot write ${shownName(name)}: its ${what} would be ${shownName(file)}, which is something else. Move that away, or choose another name`,
  );
}
