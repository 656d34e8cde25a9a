import type { Writable } from 'node:stream';

/**
 * Tells when output of this thread is on its way, and when it has come. It goes to the program in turns, one for what was
 * printed first and one for the rest: a program that ends with an outcome would end before the rest. Call the returned
 * function before each report is sent.
 */
export function pendingOutput(tell: (isPending: boolean) => void): () => void {
  const outputs = [process.stdout, process.stderr].map(outputOf);
  let told = false;
  const isPending = (): boolean => outputs.some((output) => output.isPending());
  const wait = async (): Promise<void> => {
    while (isPending()) await Promise.all(outputs.map((output) => output.written()));
    told = false;
    tell(false);
  };
  return () => {
    if (told || !isPending()) return;
    told = true;
    tell(true);
    void wait();
  };
}

interface Output {
  isPending(): boolean;
  /** Resolves when all output up to now has come. */
  written(): Promise<void>;
}

/** Keeps `write` as it is now: a task may replace it, to print nothing. */
function outputOf(stream: Writable): Output {
  const write = stream.write.bind(stream);
  // An ended stream takes no more.
  const isPending = (): boolean => stream.writable && stream.writableLength > 0;
  return {
    isPending,
    written: () => new Promise((resolve) => void (isPending() ? write('', () => resolve()) : resolve())),
  };
}
