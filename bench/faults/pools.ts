import { pathToFileURL } from 'node:url';
import { loadPeer, peerFile } from '../contenders/peer.js';

/** A pool of two workers whose tasks are those of `peers/faults.cjs`. */
export interface FaultyPool {
  call(task: string, argument: unknown): PromiseLike<unknown>;
  /** Ends it now, whatever is pending. */
  end(): PromiseLike<unknown>;
}

export interface FaultContender {
  readonly name: string;
  readonly kind: 'process' | 'thread';
  readonly package?: string;
  /**
   * Opens it in a Node master; Python has its own. `file` gives the path of the tasks in `peers/`, or of a file that does not
   * load. Some peers need a file of their own around it.
   */
  readonly open?: (file: (name: string) => string) => Promise<FaultyPool>;
}

type Run = (argument: unknown, options: { name: string }) => Promise<unknown>;
type Exec = (task: string, args: readonly unknown[]) => PromiseLike<unknown>;
type Execute = (data: unknown, task: string) => Promise<unknown>;
type Callback = (error: unknown, value?: unknown) => void;
type ByName<F> = Readonly<Record<string, F>>;
type Constructor<Pool, Rest extends unknown[]> = new (...args: Rest) => Pool;

/** The path of a file of tasks. */
type File = (name: string) => string;

const resourceLimits = { maxOldGenerationSizeMb: 64 };

async function forkpool(file: File, name: 'Pool' | 'ThreadPool'): Promise<FaultyPool> {
  const { Pool, ThreadPool, tasksFrom } = await import('forkpool');
  const tasks = tasksFrom(file('faults.cjs')) as ByName<(argument: unknown) => unknown>;
  const pool = name === 'Pool' ? new Pool(2) : new ThreadPool({ processes: 2, resourceLimits });
  return {
    call: (task, argument) => pool.apply(tasks[task] as (argument: unknown) => unknown, [argument]),
    end: () => pool.terminate(),
  };
}

async function tinypool(file: File, runtime: 'child_process' | 'worker_threads'): Promise<FaultyPool> {
  const { Tinypool } = await loadPeer<{
    readonly Tinypool: Constructor<{ run: Run; destroy(): Promise<void> }, [object]>;
  }>('tinypool');
  const pool = new Tinypool({ filename: file('faults.cjs'), runtime, minThreads: 2, maxThreads: 2, resourceLimits });
  return { call: (name, argument) => pool.run(argument, { name }), end: () => pool.destroy() };
}

async function piscina(file: File): Promise<FaultyPool> {
  const { Piscina } = await loadPeer<{
    readonly Piscina: Constructor<{ run: Run; destroy(): Promise<void> }, [object]>;
  }>('piscina');
  const pool = new Piscina({ filename: file('faults.cjs'), minThreads: 2, maxThreads: 2, resourceLimits });
  return { call: (name, argument) => pool.run(argument, { name }), end: () => pool.destroy() };
}

async function workerpool(file: File, workerType: 'process' | 'thread'): Promise<FaultyPool> {
  const { default: module } = await loadPeer<{
    readonly default: {
      pool(script: string, options: object): { exec: Exec; terminate(force: boolean): PromiseLike<unknown> };
    };
  }>('workerpool');
  const pool = module.pool(file('faults-workerpool.cjs'), {
    workerType,
    minWorkers: 2,
    maxWorkers: 2,
    workerThreadOpts: { resourceLimits },
  });
  return { call: (task, argument) => pool.exec(task, [argument]), end: () => pool.terminate(true) };
}

async function poolifier(file: File, kind: 'cluster' | 'thread'): Promise<FaultyPool> {
  type Pool = Constructor<{ execute: Execute; destroy(): Promise<void> }, [number, string, object?]>;
  const module = await loadPeer<{ readonly FixedClusterPool: Pool; readonly FixedThreadPool: Pool }>('poolifier');
  const pool =
    kind === 'cluster'
      ? new module.FixedClusterPool(2, file('faults-poolifier-cluster.cjs'))
      : new module.FixedThreadPool(2, file('faults-poolifier-thread.cjs'), { workerOptions: { resourceLimits } });
  return { call: (task, argument) => pool.execute(argument, task), end: () => pool.destroy() };
}

async function jestWorker(file: File, enableWorkerThreads: boolean): Promise<FaultyPool> {
  const { Worker } = await loadPeer<{
    readonly Worker: Constructor<
      ByName<(argument: unknown) => Promise<unknown>> & { end(): Promise<unknown> },
      [string, object]
    >;
  }>('jest-worker');
  const exposedMethods = await taskNames();
  const pool = new Worker(file('faults.cjs'), { numWorkers: 2, enableWorkerThreads, exposedMethods, resourceLimits });
  return { call: (task, argument) => (pool[task] as Run)(argument, { name: task }), end: () => pool.end() };
}

/** For peers that must be told which tasks there are. */
async function taskNames(): Promise<string[]> {
  const { default: tasks } = (await import(pathToFileURL(peerFile('faults.cjs')).href)) as { default: object };
  return Object.keys(tasks);
}

async function workerFarm(file: File): Promise<FaultyPool> {
  const { default: farm } = await loadPeer<{
    readonly default: {
      (
        options: object,
        script: string,
        methods: readonly string[],
      ): ByName<(argument: unknown, done: Callback) => void>;
      end(of: object, done: () => void): void;
    };
  }>('worker-farm');
  const pool = farm({ maxConcurrentWorkers: 2 }, file('faults-worker-farm.cjs'), await taskNames());
  return {
    call: (task, argument) =>
      new Promise((resolve, reject) => {
        pool[task]?.(argument, (error, value) => (error === null ? resolve(value) : reject(error)));
      }),
    end: () => new Promise<void>((resolve) => farm.end(pool, resolve)),
  };
}

export const faultContenders: readonly FaultContender[] = [
  { name: 'forkpool', kind: 'process', open: (file) => forkpool(file, 'Pool') },
  { name: 'tinypool', kind: 'process', package: 'tinypool', open: (file) => tinypool(file, 'child_process') },
  { name: 'workerpool', kind: 'process', package: 'workerpool', open: (file) => workerpool(file, 'process') },
  { name: 'poolifier', kind: 'process', package: 'poolifier', open: (file) => poolifier(file, 'cluster') },
  { name: 'jest-worker', kind: 'process', package: 'jest-worker', open: (file) => jestWorker(file, false) },
  { name: 'worker-farm', kind: 'process', package: 'worker-farm', open: workerFarm },
  { name: 'Python Pool', kind: 'process' },
  { name: 'forkpool ThreadPool', kind: 'thread', open: (file) => forkpool(file, 'ThreadPool') },
  { name: 'piscina', kind: 'thread', package: 'piscina', open: piscina },
  { name: 'tinypool (thread)', kind: 'thread', package: 'tinypool', open: (file) => tinypool(file, 'worker_threads') },
  { name: 'workerpool (thread)', kind: 'thread', package: 'workerpool', open: (file) => workerpool(file, 'thread') },
  { name: 'poolifier (thread)', kind: 'thread', package: 'poolifier', open: (file) => poolifier(file, 'thread') },
  { name: 'jest-worker (thread)', kind: 'thread', package: 'jest-worker', open: (file) => jestWorker(file, true) },
];
