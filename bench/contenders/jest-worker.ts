import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

type JestWorker = Readonly<Record<TaskName, (argument: unknown) => Promise<unknown>>> & { end(): Promise<unknown> };
interface Module {
  readonly Worker: new (
    file: string,
    options: { numWorkers: number; enableWorkerThreads: boolean; exposedMethods: readonly TaskName[] },
  ) => JestWorker;
}

export async function open(workers: number, kind: 'process' | 'thread'): Promise<PeerPool> {
  const { Worker } = await loadPeer<Module>('jest-worker');
  const pool = new Worker(peerFile('tasks.cjs'), {
    numWorkers: workers,
    enableWorkerThreads: kind === 'thread',
    exposedMethods: ['noop', 'echo', 'square'],
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
}
