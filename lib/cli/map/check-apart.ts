import { resolve } from 'node:path';
import { UsageError } from '../usage-error.js';
import { identityOf } from './file-identity.js';
import type { FileNames } from './files.js';
import type { InputFile } from './input-files.js';
import { ownDescriptor } from './own-descriptor.js';

/**
 * No file may be two things at once. An output that is the input is emptied before it is read, and one that is added to it,
 * as by `>> in.jsonl`, makes a run without an end. Two that are written to one file tear each other's lines.
 *
 * @throws UsageError
 */
export function checkApart(files: readonly InputFile[], { output, errors }: FileNames): void {
  const taken = new Map(files.map(({ path, name }) => [identityOf(path ?? 0), `the input ${name}`]));
  for (const { name, file } of [outputOf(output), ...errorsOf(errors, output)]) {
    const identity = identityOf(file);
    const other = identity === undefined ? undefined : taken.get(identity);
    if (other !== undefined) throw new UsageError(`${name} is ${other}`);
    taken.set(identity, `${name.split(' ', 1).join()} as well`);
  }
}

interface Written {
  /** As messages call it. */
  readonly name: string;
  readonly file: string | number;
}

function outputOf(output: string | undefined): Written {
  return output === undefined ? { name: 'stdout', file: 1 } : { name: `--output ${output}`, file: fileOf(output) };
}

/** Errors that go to a descriptor of this program, beside results on stdout, are added where it stands, as those are. */
function errorsOf(errors: string | undefined, output: string | undefined): readonly Written[] {
  if (errors === undefined || (output === undefined && ownDescriptor(errors) !== undefined)) return [];
  return [{ name: `--errors ${errors}`, file: fileOf(errors) }];
}

function fileOf(name: string): string | number {
  return ownDescriptor(name) ?? resolve(name);
}
