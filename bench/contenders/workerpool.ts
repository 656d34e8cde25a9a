import type { TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface WorkerPool {
  exec(method: TaskName, params: readonly unknown[]): PromiseLike<unknown>;
  terminate(): PromiseLike<unknown>;
}
interface Options {
  readonly workerType: 'process' | 'thread';
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly forkOpts?: { readonly serialization: 'advanced' };
}
interface Module {
  readonly default: { pool(script: string, options: Options): WorkerPool };
}

export async function load(workerType: 'process' | 'thread'): Promise<Open> {
  const { default: workerpool } = await loadPeer<Module>('workerpool');
  return async ({ workers, carrying }) => {
    const pool = workerpool.pool(peerFile('workerpool-worker.cjs'), {
      workerType,
      minWorkers: workers,
      maxWorkers: workers,
      ...(carrying === 'buffers' && { forkOpts: { serialization: 'advanced' } }),
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
  };
}
