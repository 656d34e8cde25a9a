import type { Executor } from '../executor.js';
import { mainScript } from '../main-script.js';
import type { ResolvedPoolOptions } from '../options.js';
import { referenceOf } from '../references/reference.js';
import { ForkTransport } from './fork.js';
import { LocalExecutor } from './local-executor.js';

/** The parts of `Pool`: an executor whose workers are forked Node processes. */
export function forkedProcesses(options: ResolvedPoolOptions, broken: (error: Error) => void): Executor {
  const { initializer, initargs, finalizer, concurrency, maxMemoryPerChild, env, cwd, execArgv, stdio } = options;
  const setup = {
    kind: 'process' as const,
    main: mainScript(),
    concurrency,
    initializer: initializer && referenceOf(initializer),
    initargs,
    finalizer: finalizer && referenceOf(finalizer),
    memory: maxMemoryPerChild !== Infinity,
  };
  return new LocalExecutor(new ForkTransport({ env, cwd, execArgv, stdio }), { ...options, setup }, broken);
}
