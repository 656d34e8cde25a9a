import type { TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface Tinypool {
  run(task: unknown, options: { name: TaskName }): Promise<unknown>;
  destroy(): Promise<void>;
}
interface Module {
  readonly Tinypool: new (options: {
    filename: string;
    runtime: 'child_process' | 'worker_threads';
    minThreads: number;
    maxThreads: number;
    concurrentTasksPerWorker?: number;
    serialization?: 'advanced';
  }) => Tinypool;
}

export async function load(runtime: 'child_process' | 'worker_threads'): Promise<Open> {
  const { Tinypool } = await loadPeer<Module>('tinypool');
  return async ({ workers, concurrency, carrying }) => {
    const pool = new Tinypool({
      filename: peerFile('tasks.cjs'),
      runtime,
      minThreads: workers,
      maxThreads: workers,
      ...(concurrency !== undefined && { concurrentTasksPerWorker: concurrency }),
      ...(carrying === 'buffers' && { serialization: 'advanced' }),
    });
    const call = (name: TaskName, argument: unknown): Promise<unknown> => pool.run(argument, { name });
    return { call, callAll: oneByOne(call), map: oneByOne(call), close: () => pool.destroy() };
  };
}
