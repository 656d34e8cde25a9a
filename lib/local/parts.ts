import type { Executor } from '../executor.js';
import { mainScript } from '../main-script.js';
import type { ResolvedPoolOptions } from '../options.js';
import { localReferenceOf } from '../references/local.js';
import { referenceOf } from '../references/reference.js';
import type { Reference } from '../wire/reference.js';
import { ForkTransport } from './fork.js';
import { LocalExecutor } from './local-executor.js';
import { LoopTransport } from './loop.js';
import { ThreadTransport } from './thread.js';
import { parallelism } from './machine/parallelism.js';
import type { Transport } from './transport.js';

/** The differences between kinds of pools. */
export interface Parts {
  /** Options that mean nothing here, and the pool that has them. */
  readonly refused: Readonly<Record<string, string>>;
  /** Whether its workers import the modules of task functions anew. */
  readonly imports: boolean;
  /** How a function is named for these workers. */
  referenceOf(fn: unknown, name?: string): Reference;
  /** `broken` is called when there can be no workers any more. */
  executor(options: ResolvedPoolOptions, broken: (error: Error) => void): Executor;
}

export const forkedProcesses: Parts = {
  refused: { resourceLimits: 'ThreadPool' },
  imports: true,
  referenceOf,
  executor: (options, broken) => local(options, new ForkTransport(options), referenceOf, broken),
};

export const threads: Parts = {
  refused: { cwd: 'Pool' },
  imports: true,
  referenceOf,
  executor: (options, broken) => local(options, new ThreadTransport(options), referenceOf, broken),
};

export const thisLoop: Parts = {
  refused: {
    env: 'Pool',
    cwd: 'Pool',
    execArgv: 'Pool',
    stdio: 'Pool',
    resourceLimits: 'ThreadPool',
    maxMemoryPerChild: 'Pool',
    minProcesses: 'Pool',
    idleTimeout: 'Pool',
  },
  imports: false,
  referenceOf: localReferenceOf,
  executor: (options, broken) => {
    // One worker, which runs what all the workers of another pool would run at once.
    const one = { processes: 1, minProcesses: 1, concurrency: options.processes * options.concurrency };
    return local({ ...options, ...one }, new LoopTransport(), localReferenceOf, broken);
  },
};

function local(
  options: ResolvedPoolOptions,
  transport: Transport,
  nameOf: Parts['referenceOf'],
  broken: (error: Error) => void,
): Executor {
  const { concurrency, initializer, initargs, finalizer, maxMemoryPerChild } = options;
  const setup = {
    kind: transport.kind,
    main: mainScript(),
    concurrency,
    initializer: initializer && nameOf(initializer, 'initializer'),
    initargs,
    finalizer: finalizer && nameOf(finalizer, 'finalizer'),
    memoryLimit: maxMemoryPerChild === Infinity ? undefined : maxMemoryPerChild,
  };
  return new LocalExecutor(transport, { ...options, cores: parallelism(), setup }, broken);
}
