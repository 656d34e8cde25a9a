import { Pool, ThreadPool, type AsyncResult } from 'forkpool';
import { moveBack, moving } from '../moving.js';
import { tasks, type TaskName } from '../tasks.js';
import type { Open } from './contender.js';

/** `forkpool` resolves to the built package, since bench/ lies within it: what is measured is what is published. */
export async function load(kind: 'process' | 'thread'): Promise<Open> {
  return async ({ workers, concurrency, maxtasksperchild }) => {
    const options = { processes: workers, concurrency, maxtasksperchild };
    const pool = kind === 'process' ? new Pool(options) : new ThreadPool(options);
    return {
      ready: () => pool.ready(),
      call: (task, argument) => pool.apply(tasks[task], [argument]),
      callAll: (task, args) => Promise.all(submitted(pool, task, args)),
      map: (task, items) => pool.map(tasks[task], items),
      moveAll: (buffers) => Promise.all(buffers.map((bytes) => pool.applyAsync(moveBack, [moving(bytes)]))),
      close: () => pool.close(),
    };
  };
}

function submitted(pool: Pool, task: TaskName, args: readonly unknown[]): AsyncResult<unknown>[] {
  return args.map((argument) => pool.applyAsync(tasks[task], [argument]));
}
