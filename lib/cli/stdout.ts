/** Until the returned function is called, what anything here prints goes to stderr: stdout is for the results. */
export function divertStdout(): () => void {
  const write = Reflect.get(process.stdout, 'write') as typeof process.stdout.write;
  // Looked up each time: a progress line there replaces `write` for a while.
  const divert = (...args: Parameters<typeof write>): boolean => process.stderr.write(...args);
  process.stdout.write = divert as typeof write;
  return () => {
    process.stdout.write = write;
  };
}
