import { UsageError } from '../usage-error.js';

/** A fixed part of the input: of every `of` items in a row, the one at `number`, counted from 1. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `2/8`, or `/8` in a Kubernetes indexed Job or a Slurm job array, which say in the environment which one this is.
 *
 * @throws UsageError
 */
export function shardOf(text: string, env: Environment = process.env): Shard {
  const [, given = '', of = ''] = /^(\d*)\/(\d+)$/.exec(text) ?? [];
  if (of === '') throw new UsageError(`Expected a shard such as 2/8, or /8 in an array of jobs, got ${text}`);
  const shard = { number: given === '' ? numberFrom(env) : Number(given), of: Number(of) };
  if (!Number.isSafeInteger(shard.of))
    throw new UsageError(`There are no ${of} shards: expected 9007199254740991 at most`);
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw new UsageError(`There is no shard ${shard.number} of ${shard.of}: they are counted from 1`);
}

/** Whether the item at this index of the whole input belongs to it. */
export function isIn({ number, of }: Shard, index: number): boolean {
  return index % of === number - 1;
}

function numberFrom(env: Environment): number {
  const { JOB_COMPLETION_INDEX: completion, SLURM_ARRAY_TASK_ID: task, SLURM_ARRAY_TASK_MIN: least } = env;
  if (completion !== undefined) return whole('JOB_COMPLETION_INDEX', completion) + 1;
  if (task !== undefined && least !== undefined) return numberOfTask(task, least, env);
  throw new UsageError(
    'A shard without a number takes it from JOB_COMPLETION_INDEX, or from SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_MIN, and they are not set',
  );
}

/** The tasks of `--array=0-15:2` are 0, 2, 4 and so on; those of `--array=1,3,7` have no step, which is given as 1. */
function numberOfTask(task: string, least: string, env: Environment): number {
  const { SLURM_ARRAY_TASK_STEP: step, SLURM_ARRAY_TASK_MAX: most, SLURM_ARRAY_TASK_COUNT: count } = env;
  const first = whole('SLURM_ARRAY_TASK_MIN', least);
  const each = Math.max(1, whole('SLURM_ARRAY_TASK_STEP', step ?? '1'));
  const at = (whole('SLURM_ARRAY_TASK_ID', task) - first) / each;
  const isList =
    most !== undefined &&
    count !== undefined &&
    Math.floor((whole('SLURM_ARRAY_TASK_MAX', most) - first) / each) + 1 !== whole('SLURM_ARRAY_TASK_COUNT', count);
  if (Number.isInteger(at) && !isList) return at + 1;
  throw new UsageError(
    `Which shard Slurm task ${task} is cannot be told: the tasks of its array are not at one step. Give its number, as in 2/8`,
  );
}

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`Expected ${name} to be a whole number, got \`${text}\``);
}
