import { appendFileSync } from 'node:fs';

/** What becomes of a task. */
export type Fate =
  'value' | 'slow value' | 'large value' | 'throw' | 'reject' | 'unsendable' | 'exit' | 'uncaught' | 'late';

export interface Item {
  readonly id: number;
  readonly fate: Fate;
  /** The file in which each begin is written down. */
  readonly log: string;
}

/** Meets its fate, after it has left a trace that nothing can take back. */
export function meet({ id, fate, log }: Item): unknown {
  appendFileSync(log, `${id}\n`);
  switch (fate) {
    case 'value':
      return id;
    case 'slow value':
      return resolvedIn(5, id);
    case 'large value':
      return { id, bytes: Buffer.alloc(300_000, id % 256) };
    case 'throw':
      throw new RangeError(`thrown by ${id}`);
    case 'reject':
      return resolvedIn(1, id).then(() => Promise.reject(new RangeError(`thrown by ${id}`)));
    case 'unsendable':
      return () => id;
    case 'exit':
      return process.exit(3);
    case 'uncaught':
      setImmediate(() => {
        throw new TypeError(`uncaught of ${id}`);
      });
      return new Promise(() => {});
    case 'late':
      return new Promise(() => {});
    default:
      return fate satisfies never;
  }
}

function resolvedIn(ms: number, value: number): Promise<number> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
