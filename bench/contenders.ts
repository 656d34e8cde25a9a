import type { Contender } from './contenders/contender.js';
import { NO_POOL } from './question.js';

const own = { runs: 'node', chunks: true, concurrent: true, recycles: true } as const;
const bare = { kind: 'bare', runs: 'node', chunks: false } as const;
/** None of them has a map in chunks. */
const peer = { runs: 'node', chunks: false } as const;

/** Everyone, in the order in which they take turns. Those with threads run with `--threads`, or where a question is of them. */
export const contenders: readonly Contender[] = [
  {
    name: 'forkpool',
    kind: 'forkpool',
    ...own,
    load: async () => (await import('./contenders/forkpool.js')).load('process'),
  },
  {
    name: 'forkpool ThreadPool',
    kind: 'forkpool-thread',
    ...own,
    load: async () => (await import('./contenders/forkpool.js')).load('thread'),
  },
  {
    name: 'bare send (json)',
    ...bare,
    questions: ['round-trip'],
    load: async () => (await import('./contenders/bare.js')).load('json'),
  },
  {
    name: 'bare send (advanced)',
    ...bare,
    questions: ['round-trip'],
    load: async () => (await import('./contenders/bare.js')).load('advanced'),
  },
  {
    name: 'bare workers',
    ...bare,
    questions: ['cpu', 'skewed'],
    load: async () => (await import('./contenders/bare-workers.js')).load(),
  },
  {
    name: NO_POOL,
    ...bare,
    recycles: true,
    questions: ['burst', 'objects', 'cpu', 'startup', 'recycling'],
    load: async () => (await import('./contenders/bare-batches.js')).load(),
  },
  {
    name: 'bare forks',
    ...bare,
    questions: ['startup'],
    load: async () => (await import('./contenders/bare-forks.js')).load(),
  },
  {
    name: 'worker-farm',
    kind: 'process',
    package: 'worker-farm',
    ...peer,
    concurrent: true,
    recycles: true,
    load: async () => (await import('./contenders/worker-farm.js')).load(),
  },
  {
    name: 'poolifier (cluster)',
    kind: 'process',
    package: 'poolifier',
    ...peer,
    concurrent: true,
    load: async () => (await import('./contenders/poolifier.js')).load('cluster'),
  },
  {
    name: 'jest-worker (process)',
    kind: 'process',
    package: 'jest-worker',
    ...peer,
    load: async () => (await import('./contenders/jest-worker.js')).load('process'),
  },
  {
    name: 'workerpool (process)',
    kind: 'process',
    package: 'workerpool',
    ...peer,
    load: async () => (await import('./contenders/workerpool.js')).load('process'),
  },
  {
    name: 'tinypool (process)',
    kind: 'process',
    package: 'tinypool',
    ...peer,
    concurrent: true,
    load: async () => (await import('./contenders/tinypool.js')).load('child_process'),
  },
  { name: 'Python Pool', kind: 'python', runs: 'python', chunks: true, recycles: true, pool: 'Pool' },
  { name: 'Python executor', kind: 'python', runs: 'python', chunks: false, pool: 'ProcessPoolExecutor' },
  {
    name: 'poolifier (thread)',
    kind: 'thread',
    package: 'poolifier',
    ...peer,
    concurrent: true,
    load: async () => (await import('./contenders/poolifier.js')).load('thread'),
  },
  {
    name: 'jest-worker (thread)',
    kind: 'thread',
    package: 'jest-worker',
    ...peer,
    load: async () => (await import('./contenders/jest-worker.js')).load('thread'),
  },
  {
    name: 'workerpool (thread)',
    kind: 'thread',
    package: 'workerpool',
    ...peer,
    load: async () => (await import('./contenders/workerpool.js')).load('thread'),
  },
  {
    name: 'tinypool (thread)',
    kind: 'thread',
    package: 'tinypool',
    ...peer,
    concurrent: true,
    load: async () => (await import('./contenders/tinypool.js')).load('worker_threads'),
  },
  {
    name: 'piscina (thread)',
    kind: 'thread',
    package: 'piscina',
    ...peer,
    concurrent: true,
    load: async () => (await import('./contenders/piscina.js')).load(),
  },
  { name: 'Python ThreadPool', kind: 'python-thread', runs: 'python', chunks: true, pool: 'ThreadPool' },
];
