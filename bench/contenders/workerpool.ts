import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface WorkerPool {
  exec(method: TaskName, params: readonly unknown[]): PromiseLike<unknown>;
  terminate(): PromiseLike<unknown>;
}
interface Module {
  readonly default: {
    pool(
      script: string,
      options: { workerType: 'process' | 'thread'; minWorkers: number; maxWorkers: number },
    ): WorkerPool;
  };
}

export async function open(workers: number, workerType: 'process' | 'thread'): Promise<PeerPool> {
  const { default: workerpool } = await loadPeer<Module>('workerpool');
  const pool = workerpool.pool(peerFile('workerpool-worker.cjs'), {
    workerType,
    minWorkers: workers,
    maxWorkers: workers,
  });
  const call = (task: TaskName, argument: unknown): PromiseLike<unknown> => pool.exec(task, [argument]);
  return {
    call,
    callAll: oneByOne(call),
    map: oneByOne(call),
    close: async () => {
      await pool.terminate();
    },
  };
}
