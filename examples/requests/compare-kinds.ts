import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, renderReport, renderTable, type CompareOptions, type Comparison } from 'forkpool/bench';
import type { Address } from '../postgres.js';
import { closeConnections, openConnections, pack, requestFromAfar, texts } from './kinds.js';

/** What was found out about a kind of work. */
export interface Kind {
  readonly name: string;
  readonly comparison: Comparison;
}

/** What `forkpool bench` says of two kinds of work: one that waits for a database, and one that computes; `time` ms for each. */
export async function compareKinds(
  address: Address,
  words: readonly string[],
  time: number,
  signal: AbortSignal,
): Promise<Kind[]> {
  console.log('\nWhich pool should run it? Such requests and work that computes have their turns in every pool ...');
  const options = { time, rounds: 1, processes: [1, 2], signal } as const satisfies CompareOptions;
  const worker = { initializer: openConnections, initargs: [address, 'compared'] as [Address, string] };
  const requests = await compare(requestFromAfar, words, { ...options, ...worker, finalizer: closeConnections });
  const brotli = await compare(pack, await texts(60), options);
  return [
    { name: 'requests to a database 10 ms away', comparison: requests },
    { name: 'brotli of the texts in node_modules', comparison: brotli },
  ];
}

/** Writes a page about each into a new temporary folder, which stays. */
export async function printKinds(kinds: readonly Kind[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'forkpool-bench-'));
  for (const { name, comparison } of kinds) {
    const page = join(folder, `${name.split(' ', 1)[0]}.html`);
    await writeFile(page, await renderReport(comparison));
    console.log(`\n${name}\n\n${renderTable(comparison)}\n\nWith plots: ${page}`);
  }
}
