import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
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
  }) => Tinypool;
}

export async function open(workers: number, runtime: 'child_process' | 'worker_threads'): Promise<PeerPool> {
  const { Tinypool } = await loadPeer<Module>('tinypool');
  const pool = new Tinypool({ filename: peerFile('tasks.cjs'), runtime, minThreads: workers, maxThreads: workers });
  const call = (name: TaskName, argument: unknown): Promise<unknown> => pool.run(argument, { name });
  return { call, callAll: oneByOne(call), map: oneByOne(call), close: () => pool.destroy() };
}
