/*
 * What the command line costs: a million numbers, doubled by two workers, as a program does it with `imap` and as the
 * published, bundled `forkpool map` does it from a file to a file. Each runs in a process of its own, in turns. The memory
 * of the command is sampled while it runs: flat means that its last third needs no more than its first.
 *
 *   node dist/bench/map-command.js [how many lines] [rounds]
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'forkpool';

const TASK = (x: number): number => x * 2;
const WORKERS = 2;
/** As in the command: with the default for two workers, 32, tiny tasks are sent in too small portions. */
const BUFFER = 4096;
const SAMPLE_MS = 50;

const [first = '1000000', second = '3'] = process.argv.slice(2);
if (first === 'own') await own(Number(second));
else await bench(Number(first), Number(second));

interface Measured {
  readonly ms: number;
  /** Resident memory in MiB over the run. */
  readonly memory: readonly number[];
}

async function bench(lines: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'forkpool-command-line-'));
  const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')];
  const map = [fileURLToPath(new URL('../lib/bundled/main.js', import.meta.url)), 'map', '-e', String(TASK), input];
  const common = ['-q', '-p', String(WORKERS)];
  const ways: Readonly<Record<string, readonly string[]>> = {
    'imap of a program': [fileURLToPath(import.meta.url), 'own', String(lines)],
    'map to /dev/null': [...map, ...common, '-o', '/dev/null'],
    'map to a file, journal': [...map, ...common, '-o', output],
    'the same, unordered': [...map, ...common, '-o', output, '--unordered'],
  };
  try {
    await pipeline(Readable.from(chunksOf(lines)), createWriteStream(input));
    const runs = new Map<string, Measured[]>(Object.keys(ways).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, argv] of Object.entries(ways)) runs.get(name)?.push(await measured(argv));
    }
    print(lines, runs);
    console.log(`\nThe output has ${statSync(output).size} bytes, its journal ${statSync(`${output}.journal`).size}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* chunksOf(lines: number): Generator<string> {
  const chunk = 10_000;
  for (let from = 0; from < lines; from += chunk) {
    yield Array.from({ length: Math.min(chunk, lines - from) }, (_, at) => `${from + at}\n`).join('');
  }
}

/** What a program that has all its items does: it starts, reads the results one by one, and ends. */
async function own(lines: number): Promise<void> {
  const pool = new Pool(WORKERS);
  const items = Array.from({ length: lines }, (_, index) => index);
  let sum = 0;
  for await (const result of pool.imap(TASK, items, { buffersize: BUFFER, settled: true })) {
    if (result.status === 'fulfilled') sum += result.value;
  }
  await pool.close();
  if (sum !== lines * (lines - 1)) throw new Error(`The sum is ${sum}`);
}

async function measured(argv: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const memory: number[] = [];
  const timer = setInterval(() => {
    const resident = residentOf(child.pid);
    if (resident !== undefined) memory.push(resident);
  }, SAMPLE_MS);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}`);
  return { ms: performance.now() - began, memory };
}

/** Resident memory in MiB; undefined without /proc, and for a process that has ended. */
function residentOf(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function print(lines: number, runs: ReadonlyMap<string, readonly Measured[]>): void {
  const [cpu] = cpus();
  console.log(
    `${lines.toLocaleString('en')} lines, ${WORKERS} workers, ${cpus().length} x ${cpu?.model}, Node ${process.version}\n`,
  );
  console.log('                         best      µs a line   median    memory, first and last third');
  for (const [name, all] of runs) {
    const times = all.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const best = times[0] ?? NaN;
    const thirds = all.map(({ memory }) => [
      memory.slice(0, memory.length / 3),
      memory.slice((-2 * memory.length) / 6),
    ]);
    const [early, late] = [0, 1].map((at) => median(thirds.flatMap((third) => third[at] ?? [])));
    const cells = [seconds(best), ((best * 1000) / lines).toFixed(2), seconds(median(times))];
    console.log(
      `${name.padEnd(24)} ${(cells[0] ?? '').padEnd(9)} ${(cells[1] ?? '').padEnd(11)} ${(cells[2] ?? '').padEnd(9)} ${early?.toFixed(0)} and ${late?.toFixed(0)} MiB`,
    );
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
