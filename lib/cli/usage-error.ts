import { CommandError } from './command-error.js';

/** The command was called in a wrong way: the message says what is wrong and what was expected. Exit code 2. */
export class UsageError extends CommandError {
  override readonly name: string = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, 2, options);
  }
}
