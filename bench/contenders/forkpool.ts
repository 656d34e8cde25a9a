import { Pool, ThreadPool, type AsyncResult } from 'forkpool';

import { echo, noop, square, type TaskName } from '../tasks.js';
import type { PeerPool } from './contender.js';

/** Which task gets which argument is the question's business: here all take anything. */
const tasks = { noop, echo, square } as Readonly<Record<TaskName, (argument: unknown) => unknown>>;

/** `forkpool` resolves to the built package, since bench/ lies within it: what is measured is what is published. */
export async function open(workers: number, kind: 'process' | 'thread'): Promise<PeerPool> {
  const pool = kind === 'process' ? new Pool(workers) : new ThreadPool(workers);
  await pool.ready();
  return {
    call: (task, argument) => pool.apply(tasks[task], [argument]),
    callAll: (task, args) => Promise.all(submitted(pool, task, args)),
    map: (task, items) => pool.map(tasks[task], items),
    close: () => pool.close(),
  };
}

function submitted(pool: Pool, task: TaskName, args: readonly unknown[]): AsyncResult<unknown>[] {
  return args.map((argument) => pool.applyAsync(tasks[task], [argument]));
}
