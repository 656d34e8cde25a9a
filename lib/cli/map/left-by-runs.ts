import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { identityOf } from '../file-identity.js';
import { endedParts } from '../input/lines.js';
import { mayBeFile } from '../output/may-be-file.js';
import { journalName } from './files.js';
import { fingerprintOf } from './journal.js';
import { lockName } from './locked-files.js';

/**
 * Identities of the files that an earlier run with this output has left, which a glob is not meant to find. Only those that its
 * journal vouches for: a file named as the output by mistake, which the glob was meant to find, would be overwritten silently.
 */
export async function leftByRuns(output: string | undefined): Promise<ReadonlySet<string | undefined>> {
  if (output === undefined || !(await mayBeFile(output))) return new Set();
  const journal = journalName(output);
  const begun = fingerprintOf((await firstLineOf(journal)) ?? '');
  if (begun === undefined) return new Set();
  const { '--errors': errors } = begun;
  const written = typeof errors === 'string' ? [output, errors] : [output];
  const locks = written.map(lockName);
  const files = [journal, ...written, ...locks, ...locks.map((lock) => `${lock}.next`)];
  return new Set(files.map((file) => identityOf(resolve(file))));
}

async function firstLineOf(file: string): Promise<string | undefined> {
  try {
    for await (const [line] of endedParts(createReadStream(file), '\n')) return line;
  } catch {
    // There is no such file, or it cannot be read.
  }
  return undefined;
}
