import { UsageError } from '../usage-error.js';

/** A fixed part of the input: of every `of` items in a row, the one at `number`, counted from 1. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

/**
 * `2/8`, or `/8` in a Kubernetes indexed Job or a Slurm job array, which say in the environment which one this is.
 *
 * @throws UsageError
 */
export function shardOf(text: string, env: Readonly<Record<string, string | undefined>> = process.env): Shard {
  const [, given = '', of = ''] = /^(\d*)\/(\d+)$/.exec(text) ?? [];
  if (of === '') throw new UsageError(`Expected a shard such as 2/8, or /8 in an array of jobs, got ${text}`);
  const shard = { number: given === '' ? numberFrom(env) : Number(given), of: Number(of) };
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw new UsageError(`There is no shard ${shard.number} of ${shard.of}: they are counted from 1`);
}

/** Whether the item at this index of the whole input belongs to it. */
export function isIn({ number, of }: Shard, index: number): boolean {
  return index % of === number - 1;
}

function numberFrom(env: Readonly<Record<string, string | undefined>>): number {
  const { JOB_COMPLETION_INDEX: completion, SLURM_ARRAY_TASK_ID: task, SLURM_ARRAY_TASK_MIN: least } = env;
  if (completion !== undefined) return whole('JOB_COMPLETION_INDEX', completion) + 1;
  if (task !== undefined && least !== undefined) {
    return whole('SLURM_ARRAY_TASK_ID', task) - whole('SLURM_ARRAY_TASK_MIN', least) + 1;
  }
  throw new UsageError(
    'A shard without a number takes it from JOB_COMPLETION_INDEX, or from SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_MIN, and they are not set',
  );
}

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`Expected ${name} to be a whole number, got \`${text}\``);
}
