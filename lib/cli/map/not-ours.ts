import { shownName } from '../start-folder.js';
import { UsageError } from '../usage-error.js';

/** The error for somebody else's file that has the name of the lock or the journal of an output. */
export function notOurs(name: string, what: 'lock' | 'journal', file: string): UsageError {
  return new UsageError(
    `Cannot write ${shownName(name)}: its ${what} would be ${shownName(file)}, which is something else. Move that away, or choose another name`,
  );
}
