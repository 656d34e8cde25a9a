import type { TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface Piscina {
  run(task: unknown, options: { name: TaskName }): Promise<unknown>;
  destroy(): Promise<void>;
}
interface Module {
  readonly Piscina: new (options: {
    filename: string;
    minThreads: number;
    maxThreads: number;
    concurrentTasksPerWorker?: number;
  }) => Piscina;
}

export async function load(): Promise<Open> {
  const { Piscina } = await loadPeer<Module>('piscina');
  return async ({ workers, concurrency }) => {
    const pool = new Piscina({
      filename: peerFile('tasks.cjs'),
      minThreads: workers,
      maxThreads: workers,
      ...(concurrency !== undefined && { concurrentTasksPerWorker: concurrency }),
    });
    const call = (name: TaskName, argument: unknown): Promise<unknown> => pool.run(argument, { name });
    return { call, callAll: oneByOne(call), map: oneByOne(call), close: () => pool.destroy() };
  };
}
