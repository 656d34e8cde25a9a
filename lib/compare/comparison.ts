import type { PoolStats } from '../index.js';

/** A distribution of times in ms. */
export type Times = PoolStats['runTime'];

/** Which class runs the tasks: `Pool`, `ThreadPool` or `AsyncPool`. */
export type PoolKind = 'process' | 'thread' | 'async';

/** One pool in one size. */
export interface Contender {
  readonly pool: PoolKind;
  /** Number of workers; always 1 for the event loop. */
  readonly processes: number;
  /** Tasks that one worker runs at once. */
  readonly concurrency: number;
}

/** All that `compare` found. Plain data: it can be kept as JSON, and drawn later. Times are in ms, memory in bytes. */
export interface Comparison {
  /** The task function, in words. */
  readonly function: string;
  readonly items: {
    /** How many were given. */
    readonly given: number;
    /** How many different ones were used at all. */
    readonly used: number;
  };
  readonly machine: Machine;
  /** How often every contender had its turn. */
  readonly rounds: number;
  /** For how long a turn took new items. */
  readonly turnMs: number;
  readonly oneAtATime: OneAtATime;
  readonly message: MessageCost;
  readonly contenders: readonly Measurement[];
  readonly verdict: Verdict;
  /** What was left out or cut short, and why. */
  readonly notes: readonly string[];
}

export interface Machine {
  /** CPUs that this process may use: what `processes` is by default. */
  readonly cores: number;
  readonly cpu: string;
  readonly system: string;
  readonly node: string;
  /** Bytes. */
  readonly memory: number;
  /** ISO 8601. */
  readonly date: string;
}

/** The baseline: a plain `for … await` loop in a process of its own, with no message between the tasks. */
export interface OneAtATime {
  /** Tasks a second that succeeded. */
  readonly throughput: number;
  /** Of a task. */
  readonly runTime: Times;
  /** How many tasks took how long: buckets that grow by a constant factor. */
  readonly histogram: readonly Bucket[];
  /**
   * CPU time of the process against the wall time of the tasks, less what it waited for a CPU; above 1 if other threads of it
   * work too.
   */
  readonly cpuShare: number;
  /** Event-loop utilisation: the share of the same time in which the loop was not idle. */
  readonly loopShare: number;
  /** Share of the wall time in which one of its threads was ready to run but others had the CPU. 0 if unknown. */
  readonly stolenShare: number;
  /** Resident memory of that process, with the module and what its initializer made. */
  readonly memory: number;
  /** From fork to ready, the initializer included. */
  readonly startupMs: number;
  readonly failures: Failures;
}

/** From `from` up to, not including, `to` ms. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Failures {
  readonly failed: number;
  /** Tasks in all. */
  readonly of: number;
  readonly first: Failure | undefined;
}

export interface Failure {
  /** Index of its item among those given. */
  readonly item: number;
  /** The item in words: `item 3`, or what `itemName` says. */
  readonly name: string;
  /** The error's class and message. */
  readonly error: string;
}

/** What it costs to send a task to another process and its result back. */
export interface MessageCost {
  /** Time of one task alone, from the call to the result, with nothing to do in between. */
  readonly roundTripMs: number;
  /** Time per task among many that travel together. */
  readonly perTaskMs: number;
  readonly argument: Serialization;
  readonly result: Serialization;
}

/** Cost of one value, by `v8.serialize` and `v8.deserialize`: the mean of a sample. */
export interface Serialization {
  readonly bytes: number;
  readonly serializeMs: number;
  readonly deserializeMs: number;
}

/** The result of a contender. The figures are medians over its rounds. */
export interface Measurement extends Contender {
  /** Such as `Pool of 2` or `AsyncPool of 64`. */
  readonly name: string;
  /** Tasks a second that succeeded. */
  readonly throughput: number;
  /** Throughput against one at a time in the same round. */
  readonly speedup: number;
  /** The same in each round in which a task succeeded one at a time. */
  readonly speedups: readonly number[];
  /**
   * What the speed-up would have been if no other program had used the CPUs: the time in which workers were ready to run and
   * had none is taken off. The same as `speedup` if there are more workers than cores, and if the system does not tell.
   */
  readonly undisturbed: number;
  /** How long a task ran, in the worker. */
  readonly runTime: Times;
  /** How long a task waited, from the call of `map` to its start: how long the queue was. */
  readonly waitTime: Times;
  /** From the constructor until every worker was ready. */
  readonly startupMs: number;
  /** What the pool added, all workers together. */
  readonly memory: number;
  /** Share of the time of a turn, boot and warm-up left out, in which the workers had tasks, 0 to 1. */
  readonly utilization: number;
  /** Event-loop utilisation of the calling program. */
  readonly loopShare: number;
  readonly failures: Failures;
  /** The error that ended it, such as a failed start. Its figures are those of the turns before, all 0 if there were none. */
  readonly broken: string | undefined;
}

export type Kind = 'IO-bound' | 'CPU-bound' | 'mixed' | 'blocking IO' | 'tiny';

/** What the work is, and what should run it. */
export interface Verdict {
  readonly kind: Kind;
  /** The pool to use; undefined if one at a time is best. */
  readonly use: (Contender & { readonly name: string }) | undefined;
  /** In plain words, with the figures it rests on. */
  readonly text: string;
  /** A task shorter than this is not worth a message, in ms. */
  readonly worthMs: number;
}
