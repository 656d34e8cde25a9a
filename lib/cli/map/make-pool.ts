import { AsyncPool, Pool, ThreadPool, type PoolOptions } from '../../index.js';
import { UsageError } from '../usage-error.js';
import type { MapOptions } from './options.js';
import type { Plan } from './plan.js';

/**
 * The pool that the options ask for. What its tasks print goes to stderr: in this process `divertStdout` sees to that, and
 * a child has its stdout here.
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
    return options.async === true ? new AsyncPool(all) : new Pool({ ...all, stdio: childStdio() });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

/** On a terminal through this process, which knows where the progress line is; else straight on. */
function childStdio(): NonNullable<PoolOptions['stdio']> {
  return ['ignore', process.stderr.isTTY ? 'pipe' : process.stderr.fd, 'pipe'];
}
