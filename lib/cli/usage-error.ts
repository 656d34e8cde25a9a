/** The command was called in a wrong way: the message says what is wrong and what was expected. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
