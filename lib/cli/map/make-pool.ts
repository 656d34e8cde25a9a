import { AsyncPool, Pool, ThreadPool, type PoolOptions } from '../../index.js';
import { fromStart } from '../start-folder.js';
import { UsageError } from '../usage-error.js';
import type { MapOptions } from './options.js';
import type { Plan } from './plan.js';

/**
 * The pool that the options ask for. What its tasks print, in this process or in a worker, comes to stdout here, and
 * `divertStdout` sends that to stderr.
 *
 * @throws UsageError for an option that this kind of pool does not have
 */
export function makePool(options: MapOptions, { initializer, finalizer }: Plan): Pool {
  const { processes, concurrency, maxtasksperchild, timeout, retries, initargs, env } = options;
  const all: PoolOptions = {
    processes,
    concurrency,
    maxtasksperchild,
    maxMemoryPerChild: options.maxMemory,
    timeout,
    retries,
    initializer: initializer?.fn,
    initargs,
    finalizer: finalizer?.fn,
    env,
  };
  try {
    if (options.threads === true) return new ThreadPool(all);
    return options.async === true ? new AsyncPool(all) : new Pool({ ...all, cwd: fromStart('.'), stdio: CHILD_STDIO });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

/**
 * stdout goes through this process too, which knows where the progress line is, and goes on if nobody reads stderr any more: in a
 * worker, a task that prints would get an error that ends the worker.
 */
const CHILD_STDIO: NonNullable<PoolOptions['stdio']> = ['ignore', 'pipe', 'pipe'];
