import { createHash } from 'node:crypto';
import { checkInitargs, functionFrom, functionOf, type GivenFunction } from '../function.js';
import { inputFiles, type InputFile } from '../input/input-files.js';
import type { Format } from '../input/records.js';
import { ownDescriptor } from '../own-descriptor.js';
import { fromStart } from '../start-folder.js';
import { UsageError } from '../usage-error.js';
import { checkApart } from './check-apart.js';
import type { FileNames } from './files.js';
import type { Fingerprint } from './journal.js';
import { leftByRuns } from './left-by-runs.js';
import { formatOf, type MapOptions } from './options.js';
import { shardOf, type Shard } from './shard.js';

/** What a call of the command asks for, with all that it names found. */
export interface Plan {
  readonly fn: GivenFunction;
  readonly initializer: GivenFunction | undefined;
  readonly finalizer: GivenFunction | undefined;
  readonly files: readonly InputFile[];
  readonly format: Format;
  readonly shard: Shard;
  readonly names: FileNames;
  readonly fingerprint: Fingerprint;
}

const ALL: Shard = { number: 1, of: 1 };

/**
 * `words`: the arguments; without `--eval`, the first names the function.
 *
 * @throws UsageError
 */
export async function planOf(words: readonly string[], options: MapOptions): Promise<Plan> {
  const { errors } = options;
  const output = options.output !== undefined && ownDescriptor(options.output) === 1 ? undefined : options.output;
  if (options.resume === true && output === undefined) {
    throw new UsageError('--resume needs --output: nothing is known of what went to stdout');
  }
  checkInitargs(options);
  const shard = options.shard === undefined ? ALL : shardOf(options.shard);
  const [given, ...rest] = words;
  const named = options.eval === undefined ? rest : words;
  const left = await leftByRuns(output);
  const files = await inputFiles([...(options.input ?? []), ...named], left);
  await checkApart(files, { output, errors });
  const plan = {
    fn: await mapped(given, options),
    initializer: await optional(options.initializer),
    finalizer: await optional(options.finalizer),
    files,
    format: formatOf(options),
    shard,
    names: { output: absolute(output), errors: absolute(errors) },
  };
  return { ...plan, fingerprint: fingerprintOf(plan, options) };
}

/** Makes a name absolute: the module, once it is imported, may go to another folder. */
function absolute(name: string | undefined): string | undefined {
  return name === undefined || ownDescriptor(name) !== undefined ? name : fromStart(name);
}

async function mapped(given: string | undefined, options: MapOptions): Promise<GivenFunction> {
  if (options.eval === undefined) return functionOf(given);
  return functionFrom(options.eval, options.async === true ? 'this program' : 'workers');
}

async function optional(text: string | undefined): Promise<GivenFunction | undefined> {
  return text === undefined ? undefined : functionOf(text);
}

/** Keys are the words in which a refusal names what has changed. Options that only affect the speed may change. */
function fingerprintOf(plan: Omit<Plan, 'fingerprint'>, options: MapOptions): Fingerprint {
  const { fn, initializer, format, shard, names } = plan;
  return {
    'the function or its module': fn.identity,
    'the initializer or its module': initializer?.identity ?? null,
    '--initargs': hashOf(options.initargs ?? []),
    '--env': hashOf(options.env ?? {}),
    'the format of the input': format,
    '--shard': [shard.number, shard.of],
    // Results that are not copied may have another JSON.
    '--async': options.async === true,
    '--unordered': options.unordered === true,
    '--on-error': options.onError,
    '--errors': names.errors ?? null,
  };
}

/** Passwords may be among them, and anybody may read a journal. */
function hashOf(values: object): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64');
}
