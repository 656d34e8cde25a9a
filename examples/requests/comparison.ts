import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, renderReport, type CompareOptions, type Comparison } from 'forkpool/bench';
import type { Address } from '../postgres.js';
import { compress } from './compress.js';
import type { Library } from './library.js';
import { ask, connectMany, disconnectMany } from './many.js';

export interface Judged {
  readonly title: string;
  readonly comparison: Comparison;
}

/** The bench on the two kinds of work, as `forkpool bench` does it: which pool should run them? */
export async function compareWork(address: Address, library: Library, signal: AbortSignal): Promise<Judged[]> {
  console.log(
    '\nWhich pool should run this? All are tried, with the requests and with a CPU job, for some seconds each.',
  );
  const options = { time: 6000, rounds: 2, processes: [1, 2, 4], signal } as const satisfies CompareOptions;
  const worker = { initializer: connectMany, initargs: [address] as [Address], finalizer: disconnectMany };
  const requests = await compare(ask, [...library.words.keys()], { ...options, ...worker });
  const texts = await compare(compress, library.texts, options);
  return [
    { title: 'The requests', comparison: requests },
    { title: 'A CPU job (its texts, compressed)', comparison: texts },
  ];
}

/** What was found, and where all of it is to be seen. */
export async function printComparisons(all: readonly Judged[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'forkpool-report-'));
  for (const [index, { title, comparison }] of all.entries()) {
    const report = join(folder, `${index + 1}.html`);
    await writeFile(report, await renderReport(comparison));
    console.log(`\n${title}: ${comparison.verdict.kind}\n  ${comparison.verdict.text}\n  Report: ${report}`);
  }
}
