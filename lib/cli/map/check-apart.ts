import { resolve } from 'node:path';
import { identityOf } from '../file-identity.js';
import type { InputFile } from '../input/input-files.js';
import { mayBeFile } from '../output/may-be-file.js';
import { ownDescriptor } from '../own-descriptor.js';
import { shownName } from '../start-folder.js';
import { UsageError } from '../usage-error.js';
import { journalName, type FileNames } from './files.js';
import { lockName } from './locked-files.js';

/**
 * Checks that no file is two things at once. An output that is the input is emptied before it is read, and one that is appended
 * to it, as by `>> in.jsonl`, makes a run endless. Two outputs in one file tear each other's lines.
 *
 * @throws UsageError
 */
export async function checkApart(files: readonly InputFile[], { output, errors }: FileNames): Promise<void> {
  const taken = new Map(files.map(({ path, name }) => [identityOf(path ?? 0), `the input ${name}`]));
  const locks = [...(await locksOf('--output', output)), ...(await locksOf('--errors', errors))];
  const written = [outputOf(output), ...(await journalOf(output)), ...errorsOf(errors, output), ...locks];
  for (const { name, as, file } of written) {
    const identity = identityOf(file);
    const other = identity === undefined ? undefined : taken.get(identity);
    if (other !== undefined) throw new UsageError(`${name} is ${other}`);
    taken.set(identity, `${as} as well`);
  }
}

interface Written {
  /** Its name in messages, and what it is. */
  readonly name: string;
  readonly as: string;
  readonly file: string | number;
}

function outputOf(output: string | undefined): Written {
  return output === undefined ? STDOUT : { name: `--output ${output}`, as: '--output', file: fileOf(output) };
}

const STDOUT: Written = { name: 'stdout', as: 'stdout', file: 1 };

async function journalOf(output: string | undefined): Promise<readonly Written[]> {
  if (output === undefined || !(await mayBeFile(output))) return [];
  const journal = journalName(output);
  return [{ name: `${journal}, the journal of --output,`, as: 'the journal of --output', file: resolve(journal) }];
}

/** Leaves out errors that go to another descriptor of this program, beside results on stdout: it may lead to the same place. */
function errorsOf(errors: string | undefined, output: string | undefined): readonly Written[] {
  if (errors === undefined) return [];
  const descriptor = ownDescriptor(errors);
  if (output === undefined && descriptor === 1) throw new UsageError(`--errors ${errors} is stdout as well`);
  if (output === undefined && descriptor !== undefined) return [];
  return [{ name: `--errors ${errors}`, as: '--errors', file: fileOf(errors) }];
}

/** A lock that a killed run has left is replaced by a second one. */
async function locksOf(option: string, name: string | undefined): Promise<readonly Written[]> {
  if (name === undefined || !(await mayBeFile(name))) return [];
  const lock = lockName(name);
  return [lock, `${lock}.next`].map((file) => ({
    name: `${shownName(file)}, the lock of ${option},`,
    as: `the lock of ${option}`,
    file,
  }));
}

function fileOf(name: string): string | number {
  return ownDescriptor(name) ?? resolve(name);
}
