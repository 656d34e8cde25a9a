/** Until the returned function is called, what anything here prints goes to stderr: stdout is for the results. */
export function divertStdout(): () => void {
  const write = Reflect.get(process.stdout, 'write') as typeof process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return () => {
    process.stdout.write = write;
  };
}
