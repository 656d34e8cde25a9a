import { taskNames, type TaskName } from '../tasks.js';
import { oneByOne, type Open } from './contender.js';
import { loadPeer, peerFile } from './peer.js';

type Callback = (error: Error | null, value?: unknown) => void;
type Farm = Readonly<Record<TaskName, (argument: unknown, callback: Callback) => void>>;
interface Options {
  readonly maxConcurrentWorkers: number;
  readonly maxConcurrentCallsPerWorker?: number;
  readonly maxCallsPerWorker?: number;
  readonly workerOptions?: { readonly serialization: 'advanced' };
}
interface Module {
  readonly default: {
    (options: Options, file: string, methods: readonly TaskName[]): Farm;
    end(farm: Farm, callback: () => void): void;
  };
}

/** Ten calls in flight a worker, its own default, unless a question says how many. */
export async function load(): Promise<Open> {
  const { default: workerFarm } = await loadPeer<Module>('worker-farm');
  return async ({ workers, concurrency, maxtasksperchild, carrying }) => {
    const options: Options = {
      maxConcurrentWorkers: workers,
      ...(concurrency !== undefined && { maxConcurrentCallsPerWorker: concurrency }),
      ...(maxtasksperchild !== undefined && { maxCallsPerWorker: maxtasksperchild }),
      ...(carrying === 'buffers' && { workerOptions: { serialization: 'advanced' } }),
    };
    const farm = workerFarm(options, peerFile('worker-farm-worker.cjs'), taskNames);
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
  };
}
