/*
 * Compresses what a site serves with brotli at its highest level, before anyone asks for it: in a plain loop, with xargs (which
 * starts a process for each file), and with `forkpool map`. All three run the same function on the same files.
 *
 *   node dist/examples/precompress.js [how many files] [how many processes]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assets } from './precompress/assets.js';
import { brotli, type Compressed } from './precompress/brotli.js';

const count = Number(process.argv[2] ?? 150);
const processes = Number(process.argv[3] ?? availableParallelism());

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const FORKPOOL = pathOf('../lib/cli/main.js');
const ONE = pathOf('./precompress/one.js');
const TASK = `${pathOf('./precompress/brotli.js')}#brotli`;

type Way = (files: readonly string[]) => Promise<readonly Compressed[]> | readonly Compressed[];

const ways: Readonly<Record<string, Way>> = {
  'plain loop': (files) => files.map(brotli),
  [`xargs -P ${processes} -n 1`]: (files) =>
    linesOf('xargs', ['-0', '-P', String(processes), '-n', '1', process.execPath, ONE], files),
  [`forkpool map -p ${processes}`]: (files) =>
    linesOf(process.execPath, [FORKPOOL, 'map', TASK, '--nul', '-p', String(processes)], files),
};

const folder = mkdtempSync(join(tmpdir(), 'forkpool-precompress-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const files = assets(count);
  console.log(`${files.length} files of node_modules, ${processes} at once.\n`);
  const outputs: string[] = [];
  let loop: number | undefined;
  for (const [name, way] of Object.entries(ways)) {
    const out = join(folder, String(outputs.length));
    mkdirSync(out);
    process.env['PRECOMPRESS_OUT'] = out;
    const began = performance.now();
    const all = await way(files);
    const seconds = (performance.now() - began) / 1000;
    loop ??= seconds;
    outputs.push(contentOf(out));
    console.log(`${name.padEnd(22)} ${seconds.toFixed(2)} s  ${(loop / seconds).toFixed(2)}x  ${saved(all)}`);
  }
  const isSame = outputs.every((output) => output === outputs[0]);
  console.log(isSame ? '\nAll three wrote the same files.' : '\nThey wrote different files!');
  process.exitCode = isSame ? 0 : 1;
}

function saved(all: readonly Compressed[]): string {
  const sum = (key: 'bytes' | 'brotli'): number => all.reduce((total, one) => total + one[key], 0);
  return `${all.length} files, ${kilobytes(sum('bytes'))} kB to ${kilobytes(sum('brotli'))} kB`;
}

function kilobytes(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString('en');
}

/** The lines of JSON that a command prints if it reads the names of the files. */
function linesOf(command: string, args: readonly string[], files: readonly string[]): Promise<Compressed[]> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}).end(files.map((file) => `${file}\0`).join(''));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`${command} ended with ${code}`));
      const lines = output.split('\n').slice(0, -1);
      resolve(lines.map((line) => JSON.parse(line) as Compressed));
    });
  });
}

/** Everything in a folder, for comparison. */
function contentOf(out: string): string {
  return readdirSync(out)
    .toSorted()
    .map((name) => `${name} ${readFileSync(join(out, name)).toString('base64')}`)
    .join('\n');
}
