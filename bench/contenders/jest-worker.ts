import { taskNames, type TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

type JestWorker = Readonly<Record<TaskName, (argument: unknown) => Promise<unknown>>> & { end(): Promise<unknown> };
interface Module {
  readonly Worker: new (
    file: string,
    options: { numWorkers: number; enableWorkerThreads: boolean; exposedMethods: readonly TaskName[] },
  ) => JestWorker;
}

/** Its processes speak `advanced` by default. */
export async function load(kind: 'process' | 'thread'): Promise<Open> {
  const { Worker } = await loadPeer<Module>('jest-worker');
  return async ({ workers }) => {
    const pool = new Worker(peerFile('tasks.cjs'), {
      numWorkers: workers,
      enableWorkerThreads: kind === 'thread',
      exposedMethods: taskNames,
    });
    const call = (task: TaskName, argument: unknown): Promise<unknown> => pool[task](argument);
    return {
      call,
      callAll: oneByOne(call),
      map: oneByOne(call),
      close: async () => {
        await pool.end();
      },
    };
  };
}
