/** The command to go on with, as it can be pasted into a shell. */
export function resumeCommand(args: readonly string[]): string {
  // Behind `--` it would be the name of a file.
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const all = args.slice(0, end).includes('--resume') ? args : args.toSpliced(end, 0, '--resume');
  return ['forkpool', ...all.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
