import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface PoolifierPool {
  execute(data: unknown, name: TaskName): Promise<unknown>;
  mapExecute(data: Iterable<unknown>, name: TaskName): Promise<unknown[]>;
  destroy(): Promise<void>;
}
type Constructor = new (workers: number, file: string) => PoolifierPool;
interface Module {
  readonly FixedClusterPool: Constructor;
  readonly FixedThreadPool: Constructor;
}

/** Its worker files are CommonJS: with an ESM one the cluster pool hangs, its first message lost before anyone listens. */
export async function open(workers: number, kind: 'cluster' | 'thread'): Promise<PeerPool> {
  const { FixedClusterPool, FixedThreadPool } = await loadPeer<Module>('poolifier');
  const pool =
    kind === 'cluster'
      ? new FixedClusterPool(workers, peerFile('poolifier-cluster.cjs'))
      : new FixedThreadPool(workers, peerFile('poolifier-thread.cjs'));
  const call = (task: TaskName, argument: unknown): Promise<unknown> => pool.execute(argument, task);
  return {
    call,
    callAll: oneByOne(call),
    map: (task, items) => pool.mapExecute(items, task),
    close: () => pool.destroy(),
  };
}
