import type { TaskName } from '../tasks.js';
import { oneByOne, type PeerPool } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

type Callback = (error: Error | null, value?: unknown) => void;
type Farm = Readonly<Record<TaskName, (argument: unknown, callback: Callback) => void>>;
interface Module {
  readonly default: {
    (options: { maxConcurrentWorkers: number }, file: string, methods: readonly TaskName[]): Farm;
    end(farm: Farm, callback: () => void): void;
  };
}

/** Ten calls in flight a worker, its own default. */
export async function open(workers: number): Promise<PeerPool> {
  const { default: workerFarm } = await loadPeer<Module>('worker-farm');
  const farm = workerFarm({ maxConcurrentWorkers: workers }, peerFile('worker-farm-worker.cjs'), [
    'noop',
    'echo',
    'square',
  ]);
  const call = (task: TaskName, argument: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      farm[task](argument, (error, value) => (error ? reject(error) : resolve(value)));
    });
  return {
    call,
    callAll: oneByOne(call),
    map: oneByOne(call),
    close: () => new Promise((resolve) => workerFarm.end(farm, resolve)),
  };
}
