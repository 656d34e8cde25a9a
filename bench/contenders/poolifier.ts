import type { TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface PoolifierPool {
  execute(data: unknown, name: TaskName): Promise<unknown>;
  mapExecute(data: Iterable<unknown>, name: TaskName): Promise<unknown[]>;
  destroy(): Promise<void>;
}
interface Options {
  readonly enableTasksQueue?: true;
  readonly tasksQueueOptions?: { readonly concurrency: number };
  readonly settings?: { readonly serialization: 'advanced' };
}
type Constructor = new (workers: number, file: string, options: Options) => PoolifierPool;
interface Module {
  readonly FixedClusterPool: Constructor;
  readonly FixedThreadPool: Constructor;
}

/**
 * Its worker files are CommonJS: with an ESM one the cluster pool hangs, its first message lost before anyone listens. It
 * gives all tasks away at once unless it is told how many a worker may have.
 */
export async function load(kind: 'cluster' | 'thread'): Promise<Open> {
  const { FixedClusterPool, FixedThreadPool } = await loadPeer<Module>('poolifier');
  return async ({ workers, concurrency, carrying }) => {
    const options: Options = {
      ...(concurrency !== undefined && { enableTasksQueue: true, tasksQueueOptions: { concurrency } }),
      ...(carrying === 'buffers' && kind === 'cluster' && { settings: { serialization: 'advanced' } }),
    };
    const pool =
      kind === 'cluster'
        ? new FixedClusterPool(workers, peerFile('poolifier-cluster.cjs'), options)
        : new FixedThreadPool(workers, peerFile('poolifier-thread.cjs'), options);
    const call = (task: TaskName, argument: unknown): Promise<unknown> => pool.execute(argument, task);
    return {
      call,
      callAll: oneByOne(call),
      map: (task, items) => pool.mapExecute(items, task),
      close: () => pool.destroy(),
    };
  };
}
