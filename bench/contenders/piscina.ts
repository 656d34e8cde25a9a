import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

interface Piscina {
  run(task: unknown, options: { name: TaskName }): Promise<unknown>;
  destroy(): Promise<void>;
}
interface Module {
  readonly Piscina: new (options: { filename: string; minThreads: number; maxThreads: number }) => Piscina;
}

export async function open(workers: number): Promise<PeerPool> {
  const { Piscina } = await loadPeer<Module>('piscina');
  const pool = new Piscina({ filename: peerFile('tasks.cjs'), minThreads: workers, maxThreads: workers });
  const call = (name: TaskName, argument: unknown): Promise<unknown> => pool.run(argument, { name });
  return { call, callAll: oneByOne(call), map: oneByOne(call), close: () => pool.destroy() };
}
