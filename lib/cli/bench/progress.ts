import spinner from 'yocto-spinner';
import type { CompareProgress } from '../../bench.js';

export interface Progress {
  tell(progress: CompareProgress): void;
  stop(): void;
}

/** A line on the terminal that says what goes on; nothing if stderr is not a terminal. */
export function showProgress(): Progress {
  if (!process.stderr.isTTY) return { tell: () => {}, stop: () => {} };
  // Signals are ours: the spinner would end the program under its workers.
  const line = spinner({ text: 'starting', handleSignals: false }).start();
  return {
    tell: ({ done, total, turn }) => {
      line.text = `${Math.round((100 * done) / total)} %  ${turn}`;
    },
    stop: () => void line.stop(),
  };
}
