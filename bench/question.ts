import type { Contender, Kind, PeerPool } from './contenders/contender.js';
import type { Lap } from './lap.js';
import type { Sample } from './sample.js';

/** One thing that a user may want to know of a pool. */
export interface Question {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly goals: readonly Goal[];

  /** Master and workers share one core: for what depends on which core wakes up, and not on having two. */
  readonly pinned?: boolean;

  /** How many tasks a contender gets. Those that would take minutes get fewer, and the table says how many. */
  tasks(contender: Contender): number;

  /** Not timed: every worker has started and both sides have run the path of a task often enough to be compiled. */
  warmUp(pool: PeerPool): Promise<void>;

  /** Times `tasks` tasks, and throws if the answers are not what the tasks say. */
  ask(pool: PeerPool, tasks: number): Promise<Lap & Pick<Sample, 'latency'>>;
}

/** A figure of a sample, as the table shows it. */
export interface Column {
  readonly header: string;
  value(sample: Sample): number | undefined;
  /** Which of two figures is the better one; without it, no ratio is shown. */
  readonly better?: 'more' | 'less';
}

/** What we ask of forkpool. Of a pool of threads it is asked of ours of threads. */
export interface Goal {
  readonly column: Column;
  /** The best contender of a kind, or one by its name. */
  readonly against: { readonly kind: Kind } | { readonly name: string };
  /** forkpool is to be at least so many times better. */
  readonly times: number;
}

export const tasksPerSecond: Column = {
  header: 'tasks/s',
  value: ({ tasks, wallMs }) => (tasks / wallMs) * 1000,
  better: 'more',
};

/** Of master and children together; none where the children's is unknown, since the master's alone says too little. */
export const cpuPerTask: Column = {
  header: 'CPU µs/task',
  value: ({ tasks, cpu }) => (cpu.childrenUs === null ? undefined : (cpu.masterUs + cpu.childrenUs) / tasks),
  better: 'less',
};

export const masterCpuPerTask: Column = {
  header: 'of it master',
  value: ({ tasks, cpu }) => cpu.masterUs / tasks,
};

export const peakMemory: Column = {
  header: 'master MiB',
  value: ({ peakMiB }) => peakMiB,
};

export const p50: Column = { header: 'p50 µs', value: ({ latency }) => latency?.p50Us, better: 'less' };

export const p99: Column = { header: 'p99 µs', value: ({ latency }) => latency?.p99Us, better: 'less' };
